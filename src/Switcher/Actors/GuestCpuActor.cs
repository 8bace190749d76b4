// A Guest's CPU: it gets the slot, runs a slice, gives the slot back. It lives on the dispatcher whose threads do nothing else, so that a node full of
// busy Guests still serves its mailboxes.
using Akka.Actor;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Actors;

/// <summary>Runs slices of one Guest.</summary>
internal sealed class GuestCpuActor : ReceiveActor
{
    public GuestCpuActor(RunSettings settings)
    {
        Receive<GuestCpuProtocol.Enter>(enter => TrapDispatcher.CpuExits(Sender, new GuestCpuProtocol.Exit(enter.Guest, enter.Slot.Enter(settings)), Self));
    }

    public static Props Props(RunSettings settings, string dispatcher) =>
        Akka.Actor.Props.Create(() => new GuestCpuActor(settings)).WithDispatcher(dispatcher);
}
