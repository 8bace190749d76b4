// A node's report to a new leader: the Guests that it runs, and what earlier leaders told it.

using System.Collections.Immutable;

namespace Lguest.Topology.Leading;

/// <summary>A node's answer to a new leader.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Digest">Of the topology file that it read.</param>
/// <param name="Term">The highest that it has heard of; 0 for none.</param>
/// <param name="Ledger">The newest copy it has.</param>
/// <param name="Running">Guests and their incarnations.</param>
/// <param name="Endings">Ends that nobody has acknowledged yet.</param>
internal sealed record NodeReport(
    string Node, string Digest, long Term, Ledger Ledger, ImmutableArray<(string Guest, int Incarnation)> Running,
        ImmutableArray<GuestEnding> Endings);

/// <summary>A copy of what the leader knows.</summary>
/// <param name="Term">Whose it is.</param>
/// <param name="Version">Counts up within a term.</param>
/// <param name="Entries">One for each Guest that was ever placed; empty before.</param>
internal sealed record Ledger(long Term, long Version, ImmutableArray<GuestEntry> Entries)
{
    public static readonly Ledger Empty = new(0, 0, []);

    public bool IsNewerThan(Ledger other) => (Term, Version).CompareTo((other.Term, other.Version)) > 0;
}
