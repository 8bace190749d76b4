// The actor of an entropy source. Only its Guest drives it, so the common actor does everything.

using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Rng.Actors;

/// <summary>The actor of a virtio entropy source.</summary>
internal sealed class RngActor : DeviceActor
{
    public RngActor(GuestId guest, IActorRef switcher, RngDevice device, string name)
        : base(guest, switcher, device, name)
    {
    }

    public static Props Props(GuestId guest, IActorRef switcher, RngDevice device, string name) =>
        Akka.Actor.Props.Create(() => new RngActor(guest, switcher, device, name));
}
