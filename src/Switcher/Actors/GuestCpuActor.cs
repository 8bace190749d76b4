// A Guest's CPU: it gets the slot, runs a slice, gives the slot back. It lives on the dispatcher whose threads do nothing else, so that a
// node full of busy Guests still serves its mailboxes.
using Akka.Actor;
using Lguest.Machine.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Actors;

/// <summary>Runs slices of one Guest.</summary>
internal sealed class GuestCpuActor : TableActor
{
    /// <summary>How far this thread's processor time is paid for by Guests that are measured; 0 if another Guest ran here last. The
    /// Switcher's turn after a slice and the waking up before the
    /// next cost as much as a tenth of a slice, and a share would be exceeded by that much if nobody paid for it.</summary>
    [ThreadStatic]
    private static long _paid;

    public GuestCpuActor(RunSettings settings)
    {
        Receive<GuestCpuProtocol.Enter>(enter =>
        {
            var slot = enter.Slot;
            var reason = slot.Enter(settings, _paid);
            _paid = slot.LeftAt;
            TrapDispatcher.TellHere(Sender, new GuestCpuProtocol.Exit(enter.Guest, reason), Self);
        });
    }

    public static Props Props(RunSettings settings, string dispatcher) =>
        Akka.Actor.Props.Create(() => new GuestCpuActor(settings)).WithDispatcher(dispatcher);
}
