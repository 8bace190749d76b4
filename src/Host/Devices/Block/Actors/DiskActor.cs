// A disk has no stimulus but its Guest: everything it does is the common actor's. Reading and writing files blocks its thread, which is why devices
// have a dispatcher of their own.

using Akka.Actor;
using Lguest.Host.Devices.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Devices.Block.Actors;

/// <summary>The actor of a virtio disk.</summary>
internal sealed class DiskActor : DeviceActor
{
    public DiskActor(GuestId guest, IActorRef switcher, BlockDevice device, string name)
        : base(guest, switcher, device, name)
    {
    }

    public static Props Props(GuestId guest, IActorRef switcher, BlockDevice device, string name) =>
        Akka.Actor.Props.Create(() => new DiskActor(guest, switcher, device, name));
}
