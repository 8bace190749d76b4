// The wiring of a PC Guest: its board goes to the Switcher, its serial port is the console, and each function on its bus has the actor that
// it would have on lguest's. What an actor has for the board it leaves with the board's owner, and the Switcher wakes that.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Devices;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Serial.Actors;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Launcher.Boards;
using Lguest.Pc;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;

namespace Lguest.Launcher.Actors;

/// <summary>A plain PC. The first of its actors is the serial port's.</summary>
internal sealed class PcWiring(BuiltGuest guest, PcParts pc, WiringPlace place) : Wiring(place)
{
    private readonly bool _isVirtual = place.Plan.Clock == ClockKind.Virtual;
    private ImmutableArray<IActorRef> _functions = [];

    public override bool HasPrinted => pc.Serial.HasPrinted
        || pc.Devices.Any(device => device.Device is ConsoleDevice { Metrics.BytesOut: > 0 });

    public override NetMetrics Traffic =>
        pc.Devices.Select(device => device.Device).OfType<NetDevice>().Aggregate(default(NetMetrics), (sum, card) => sum + card.Metrics);

    public override ImmutableArray<IActorRef> StartDevices()
    {
        // Who types is heard at one of the two consoles; the other one only prints.
        var nobody = TerminalInput.Open();
        var serial = Place.Parent.ActorOf(
            SerialActor.Props(Place.Id, Place.Switcher, pc.Serial, pc.Terminal, pc.TypesAtVirtio ? nobody : Place.Input)
                .WithDispatcher(SwitcherSettings.From(Place.Parent.System.Settings.Config).OwnDispatcher),
            $"serial-life-{Place.Life}");
        DeviceStart start = new(
            Place, [.. pc.Devices.Select(device => (device.Type, device.Device))], pc.TypesAtVirtio && !_isVirtual ? Place.Input : nobody);
        _functions = [.. Enumerable.Range(0, pc.Devices.Count).Select(start.Start)];
        DirectStart direct = new(Post);
        foreach (var (device, actor) in pc.Devices.Zip(_functions))
        {
            device.Backend.Target = _isVirtual && DirectStart.Serves(device)
                ? direct.Connect(device, pc.TypesAtVirtio ? Place.Input : null)
                : new ActorBackend(Place.Parent.Self) { Device = actor };
        }

        return [serial, .. _functions];
    }

    public override SwitcherProtocol.Initialize Describe() => new(Place.Id, guest.Memory, guest.Start)
    {
        Board = new BoardSetup(pc.Board, pc.Start),
    };

    /// <summary>The Guest runs meanwhile, and reads its device's status until that says so.</summary>
    public override bool ResetDone(IActorRef device)
    {
        Post(device, registers => registers.FinishReset());
        return false;
    }

    /// <summary>DEVICE_NEEDS_RESET (virtio 1.1, section 2.1.2): the device is silent until its driver resets it.</summary>
    public override bool IsTold(IActorRef device) => Post(device, registers => registers.GiveUp());

    /// <inheritdoc/>
    public override void Stop(IActorRef device) => Finish(device);

    /// <summary>Has the board's owner do something with the registers of a function.</summary>
    /// <returns>Whether the actor is one.</returns>
    private bool Post(IActorRef device, Action<VirtioRegisters> action)
    {
        int index = _functions.IndexOf(device);
        if (index < 0)
            return false;
        Post(() => action(pc.Devices[index].Registers));
        return true;
    }

    /// <summary>Has the board's owner do something, and wakes it.</summary>
    private void Post(Action action)
    {
        pc.Board.Post(action);
        Place.Switcher.Tell(new SwitcherProtocol.Interrupt(Place.Id, PcBoard.WakeUp));
    }
}
