// How one life of a Guest is connected: which actors its devices have, what the Switcher is told of it, and what is done when it notifies.
// The Launcher's actor lives the life of a handle, which is the same for every kind of machine; what differs is here, a class for each.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Host.Devices.Net;
using Lguest.Switcher.Actors;

namespace Lguest.Host.Launcher.Actors;

/// <summary>The connections of one life.</summary>
/// <param name="place">Where its actors live.</param>
internal abstract class Wiring(WiringPlace place)
{
    /// <summary>Where its actors live.</summary>
    protected WiringPlace Place { get; } = place;

    /// <summary>The wiring for what was built.</summary>
    public static Wiring Of(BuiltGuest guest, WiringPlace place) =>
        guest.Pc is { } pc ? new PcWiring(guest, pc, place)
        : guest.Board is { } board ? new DmaWiring(guest, board, place)
        : new VirtioWiring(guest, place);

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

    /// <summary>Its actors are told to stop.</summary>
    public virtual void Stop(IActorRef device) => Place.Parent.Stop(device);
}
