// The wiring of an lguest Guest with virtio devices: each device's actor is attached to the addresses of its rings, and a NOTIFY of any
// other address is the early console, or the status of a device.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Virtio;
using Lguest.Launcher.Boards;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Time;

namespace Lguest.Launcher.Actors;

/// <summary>lguest of Linux 2.6.24 to 3.x.</summary>
internal sealed class VirtioWiring(BuiltGuest guest, VirtioParts parts, WiringPlace place) : Wiring(place)
{
    private readonly bool _isVirtual = place.Plan.Clock == ClockKind.Virtual;
    private bool _hasPrintedEarly;

    public override bool HasPrinted =>
        _hasPrintedEarly || parts.Devices.OfType<ConsoleDevice>().Any(console => console.Metrics.BytesOut > 0);

    public override NetMetrics Traffic =>
        parts.Devices.OfType<NetDevice>().Aggregate(default(NetMetrics), (sum, card) => sum + card.Metrics);

    public override ImmutableArray<IActorRef> StartDevices()
    {
        DeviceStart start = new(
            Place, [.. parts.Pages.Devices.Zip(parts.Devices, (entry, device) => (entry.Description.Type, device))], Place.Input);
        return [.. Enumerable.Range(0, parts.Devices.Count).Select(start.Start)];
    }

    public override SwitcherProtocol.Initialize Describe() => new(Place.Id, guest.Memory, guest.Start);

    /// <summary>In virtual time no kick passes the Launcher by: the Guest does not run until the device has nothing left to do for
    /// it.</summary>
    public override IEnumerable<SwitcherProtocol.IGuestRequest> Attachments(ImmutableArray<IActorRef> devices) =>
        _isVirtual ? [] : parts.Devices.Zip(devices).SelectMany(pair =>
            pair.First.Queues.Select(queue => new SwitcherProtocol.AttachEvent(Place.Id, queue.Layout.Base, pair.Second)));

    /// <inheritdoc/>
    public override void Stop(IActorRef device) => Finish(device);

    public override NotifyOutcome Notified(SwitcherProtocol.Notified notified, ImmutableArray<IActorRef> devices)
    {
        switch (LauncherAction.Of(notified.Address, parts.Pages, guest.Memory))
        {
            case LauncherAction.Kick kick when _isVirtual:
                devices[kick.Device].Tell(new DeviceProtocol.ServeOut(kick.Queue), Place.Parent.Self);
                return NotifyOutcome.Wait;
            case LauncherAction.Kick kick:
                devices[kick.Device].Tell(new SwitcherProtocol.Notified(Place.Id, kick.Queue));
                break;
            case LauncherAction.StatusChanged { Status: DeviceStatus.Reset } reset:
                parts.Pages.Devices[reset.Device].ClearAccepted(guest.Memory);
                devices[reset.Device].Tell(DeviceProtocol.Reset.Instance, Place.Parent.Self);
                return NotifyOutcome.Wait;
            case LauncherAction.StatusChanged changed:
                Place.Log.Debug("{0}: device {1} has status {2}", Place.Id, changed.Device, changed.Status);
                if (_isVirtual)
                {
                    devices[changed.Device].Tell(new DeviceProtocol.ServeOut(null), Place.Parent.Self);
                    return NotifyOutcome.Wait;
                }

                devices[changed.Device].Tell(DeviceProtocol.ServeAll.Instance);
                break;
            case LauncherAction.Print print:
                _hasPrintedEarly = true;
                devices[^1].Tell(new DeviceProtocol.Print(print.Text));
                break;
            case LauncherAction.Kill kill:
                return new NotifyOutcome.Kill(kill.Reason);
        }

        return NotifyOutcome.GoOn;
    }
}
