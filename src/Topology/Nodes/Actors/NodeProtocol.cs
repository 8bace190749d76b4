// The messages between the program and its node.

using Akka.Actor;
using Lguest.Devices.Console;
using Lguest.Launcher;
using Lguest.Switcher.Slots;

namespace Lguest.Topology.Nodes.Actors;

/// <summary>Messages to a node. None leaves the process.</summary>
internal static class NodeProtocol
{
    /// <summary>Runs a Guest. Answered by <see cref="Launcher.Actors.LauncherProtocol.GuestEnded"/> when it is over, however long that
    /// takes.</summary>
    /// <param name="Id">Its name, not in use on this node.</param>
    /// <param name="Plan">What it is.</param>
    /// <param name="Built">Its first life. Belongs to the node from now on.</param>
    /// <param name="Input">What is typed.</param>
    /// <param name="Output">Where it prints.</param>
    public sealed record BootGuest(GuestId Id, GuestPlan Plan, BuiltGuest Built, TerminalInput Input, Stream Output)
        : INoSerializationVerificationNeeded
    {
        /// <summary>Gives the Lan actor of each network that the Guest has a card for; null if it has none.</summary>
        public Func<string, IActorRef?>? Lans { get; init; }
    }

    /// <summary>Ends one Guest; nothing happens if there is none of that name.</summary>
    public sealed record StopGuest(GuestId Id, string By, int ExitCode) : INoSerializationVerificationNeeded;

    /// <summary>How long the Guests of the node may run; see <see cref="Lguest.Switcher.Actors.SwitcherProtocol.Lease"/>.</summary>
    public sealed record Lease(long Until) : INoSerializationVerificationNeeded;

    /// <summary>Ends every Guest of the node.</summary>
    public sealed record StopGuests(string By, int ExitCode) : INoSerializationVerificationNeeded;
}
