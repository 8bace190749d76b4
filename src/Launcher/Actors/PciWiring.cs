// The wiring of an lguest Guest of Linux 4.x: each device has the actor that it would have on lguest's older bus, and its registers are the
// Switcher's. A Guest comes out of its world only while a device is reset.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Virtio;
using Lguest.Launcher.Boards;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Time;

namespace Lguest.Launcher.Actors;

/// <summary>lguest from Linux 4.x on.</summary>
internal sealed class PciWiring(BuiltGuest guest, PciParts pci, WiringPlace place) : Wiring(place)
{
    /// <summary>The console's, which is plugged in first.</summary>
    private const int ConsoleIrq = 1;

    private readonly bool _isVirtual = place.Plan.Clock == ClockKind.Virtual;
    private ImmutableArray<IActorRef> _actors = [];

    public override bool HasPrinted => pci.Devices.Any(device => device.Device is ConsoleDevice { Metrics.BytesOut: > 0 });

    public override NetMetrics Traffic =>
        pci.Devices.Select(device => device.Device).OfType<NetDevice>().Aggregate(default(NetMetrics), (sum, card) => sum + card.Metrics);

    public override ImmutableArray<IActorRef> StartDevices()
    {
        DeviceStart start = new(
            Place, [.. pci.Devices.Select(device => (device.Type, device.Device))], _isVirtual ? TerminalInput.Open() : Place.Input);
        _actors = [.. Enumerable.Range(0, pci.Devices.Count).Select(start.Start)];
        DirectStart direct = new(Post);
        var launcher = Place.Parent.Self;
        foreach (var (device, actor) in pci.Devices.Zip(_actors))
        {
            device.Backend.Target = _isVirtual && DirectStart.Serves(device)
                ? direct.Connect(device, Place.Input, reason => launcher.Tell(new DeviceProtocol.QueueBroken($"{device.Type}, {reason}")))
                : new ActorBackend(null) { Device = actor, Prints = device.Type == DeviceType.Console };
        }

        return _actors;
    }

    public override SwitcherProtocol.Initialize Describe() => new(Place.Id, guest.Memory, guest.Start) { Devices = pci.Bus };

    /// <inheritdoc/>
    public override void Stop(IActorRef device) => Finish(device);

    /// <summary>The Guest is out because one of its devices is to be as new.</summary>
    public override NotifyOutcome Notified(SwitcherProtocol.Notified notified, ImmutableArray<IActorRef> devices)
    {
        for (int i = 0; i < devices.Length; i++)
            if (pci.Devices[i].Registers.IsResetting)
                devices[i].Tell(DeviceProtocol.Reset.Instance, Place.Parent.Self);
        return NotifyOutcome.Wait;
    }

    public override bool ResetDone(IActorRef device)
    {
        int index = _actors.IndexOf(device);
        if (index < 0)
            return false;
        pci.Bus.Post(pci.Devices[index].Registers.FinishReset);
        return true;
    }

    /// <summary>Has the owner of the bus do something, and wakes it: something was typed, and the console's driver is to look.</summary>
    private void Post(Action action)
    {
        pci.Bus.Post(action);
        Place.Switcher.Tell(new SwitcherProtocol.Interrupt(Place.Id, ConsoleIrq));
    }
}
