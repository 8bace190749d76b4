// What a node keeps when its actor system ends and a new one replaces it: the state of the Guests. If all nodes were cut off from each
// other, nothing else is left of what the leader knew.

using System.Collections.Immutable;

namespace Lguest.Topology.Leading;

/// <summary>A node's knowledge beyond the life of its actor system.</summary>
/// <param name="Ledger">The newest copy it had.</param>
/// <param name="Endings">Ends that nobody acknowledged, except of those Guests that were only stopped because the node went.</param>
/// <param name="Missed">The nodes that did not answer, as last seen.</param>
internal sealed record NodeMemory(Ledger Ledger, ImmutableArray<GuestEnding> Endings, ImmutableArray<string> Missed)
{
    public static readonly NodeMemory None = new(Ledger.Empty, [], []);

    /// <summary>The Guests that were here, with their incarnations. Those that still are when the actor system ends are lost with it, and
    /// the next leader must hear of it: a Guest that is merely missing is started again without being counted.</summary>
    public ImmutableArray<(string Guest, int Incarnation)> Running { get; init; } = [];
}
