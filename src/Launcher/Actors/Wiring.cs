// How one life of a Guest is connected: which actors its devices have, what the Switcher is told of it, and what is done when it notifies.
// The Launcher's actor lives the life of a handle, which is the same for every kind of machine; what differs is here, a class for each.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Devices.Net;
using Lguest.Launcher.Boards;
using Lguest.Switcher.Actors;

namespace Lguest.Launcher.Actors;

/// <summary>The connections of one life.</summary>
/// <param name="place">Where its actors live.</param>
internal abstract class Wiring(WiringPlace place)
{
    /// <summary>Where its actors live.</summary>
    protected WiringPlace Place { get; } = place;

    /// <summary>The wiring for what was built.</summary>
    public static Wiring Of(BuiltGuest guest, WiringPlace place) => guest.Parts switch
    {
        PcParts pc => new PcWiring(guest, pc, place),
        PciParts pci => new PciWiring(guest, pci, place),
        DmaParts dma => new DmaWiring(guest, dma.Board, place),
        VirtioParts virtio => new VirtioWiring(guest, virtio, place),
        var other => throw new InvalidOperationException($"no wiring for {other.GetType().Name}"),
    };

    /// <summary>Whether it has printed anything.</summary>
    public abstract bool HasPrinted { get; }

    /// <summary>What went through its network cards, so far as its devices know.</summary>
    public virtual NetMetrics Traffic => default;

    /// <summary>Starts an actor for each of its devices.</summary>
    public abstract ImmutableArray<IActorRef> StartDevices();

    /// <summary>What the Switcher is told of the machine.</summary>
    public abstract SwitcherProtocol.Initialize Describe();

    /// <summary>What the devices' actors are attached to.</summary>
    public virtual IEnumerable<SwitcherProtocol.IGuestRequest> Attachments(ImmutableArray<IActorRef> devices) => [];

    /// <summary>A NOTIFY that no device is attached to.</summary>
    /// <returns>What becomes of the Guest.</returns>
    public virtual NotifyOutcome Notified(SwitcherProtocol.Notified notified, ImmutableArray<IActorRef> devices) => NotifyOutcome.GoOn;

    /// <summary>A device says that it is as new.</summary>
    /// <returns>Whether the Guest has waited for that outside of its world.</returns>
    public virtual bool ResetDone(IActorRef device) => true;

    /// <summary>A device found one of its queues broken. Lguest's bus has no word for that, and its Launcher ends the Guest.</summary>
    /// <returns>Whether the Guest's driver is told instead, and the Guest runs on.</returns>
    public virtual bool IsTold(IActorRef device) => false;

    /// <summary>Its actors are told to stop.</summary>
    public virtual void Stop(IActorRef device) => Place.Parent.Stop(device);

    /// <summary>One of them is told to stop when what it has printed is written.</summary>
    protected static void Finish(IActorRef device) => device.Tell(DeviceProtocol.Finish.Instance);
}
