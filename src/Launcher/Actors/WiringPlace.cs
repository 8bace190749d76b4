// Where a Guest's actors live, and whom they know: the same for every life and every kind of machine.

using Akka.Actor;
using Akka.Event;
using Lguest.Devices.Console;
using Lguest.Switcher.Slots;

namespace Lguest.Launcher.Actors;

/// <summary>The surroundings of a Guest's devices.</summary>
/// <param name="Id">The Guest's name on this node.</param>
/// <param name="Plan">How it is built.</param>
/// <param name="Switcher">The node's Switcher.</param>
/// <param name="Dma">The node's Dma.</param>
/// <param name="Input">What is typed.</param>
/// <param name="Lans">Gives the Lan actor of a name, or null if this node has no such network.</param>
/// <param name="Parent">The Launcher, whose children the devices are.</param>
/// <param name="Log">Takes what should be known.</param>
internal sealed record WiringPlace(
    GuestId Id, GuestPlan Plan, IActorRef Switcher, IActorRef Dma, TerminalInput Input, Func<string, IActorRef?> Lans, IActorContext Parent,
    ILoggingAdapter Log)
{
    /// <summary>Which life it is, from 1.</summary>
    public int Life { get; init; }

    /// <summary>The Lan actor that a card is to be plugged into. Without one the card is there, and nobody at its other end.</summary>
    public IActorRef LanNamed(string name)
    {
        if (Lans(name) is { } lan)
            return lan;
        Log.Error("{0}: there is no network {1} on this node", Id, name);
        return Parent.System.DeadLetters;
    }
}
