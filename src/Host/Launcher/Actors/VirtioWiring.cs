// The wiring of an lguest Guest with virtio devices: each device's actor is attached to the addresses of its rings, and a NOTIFY of any
// other address is the early console, or the status of a device.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lguest.Host.Devices.Actors;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Net;
using Lguest.Host.Virtio;
using Lguest.Switcher.Actors;

namespace Lguest.Host.Launcher.Actors;

/// <summary>lguest from Linux 2.6.24 on.</summary>
internal sealed class VirtioWiring(BuiltGuest guest, WiringPlace place) : Wiring(place)
{
    private bool _hasPrintedEarly;

    public override bool HasPrinted =>
        _hasPrintedEarly || guest.Devices.OfType<ConsoleDevice>().Any(console => console.Metrics.BytesOut > 0);

    public override NetMetrics Traffic =>
        guest.Devices.OfType<NetDevice>().Aggregate(default(NetMetrics), (sum, card) => sum + card.Metrics);

    public override ImmutableArray<IActorRef> StartDevices()
    {
        DeviceStart start = new(
            Place, [.. guest.Pages.Devices.Zip(guest.Devices, (entry, device) => (entry.Description.Type, device))], Place.Input);
        return [.. Enumerable.Range(0, guest.Devices.Count).Select(start.Start)];
    }

    public override SwitcherProtocol.Initialize Describe() => new(Place.Id, guest.Memory, guest.Start);

    public override IEnumerable<SwitcherProtocol.IGuestRequest> Attachments(ImmutableArray<IActorRef> devices) =>
        guest.Devices.Zip(devices).SelectMany(pair =>
            pair.First.Queues.Select(queue => new SwitcherProtocol.AttachEvent(Place.Id, queue.Layout.Base, pair.Second)));

    public override NotifyOutcome Notified(SwitcherProtocol.Notified notified, ImmutableArray<IActorRef> devices)
    {
        switch (LauncherAction.Of(notified.Address, guest.Pages, guest.Memory))
        {
            case LauncherAction.Kick kick:
                devices[kick.Device].Tell(new SwitcherProtocol.Notified(Place.Id, kick.Queue));
                break;
            case LauncherAction.StatusChanged { Status: DeviceStatus.Reset } reset:
                guest.Pages.Devices[reset.Device].ClearAccepted(guest.Memory);
                devices[reset.Device].Tell(DeviceProtocol.Reset.Instance, Place.Parent.Self);
                return NotifyOutcome.Wait;
            case LauncherAction.StatusChanged changed:
                Place.Log.Debug("{0}: device {1} has status {2}", Place.Id, changed.Device, changed.Status);
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
