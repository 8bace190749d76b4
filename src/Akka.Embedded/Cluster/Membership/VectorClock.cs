// Which of two accounts of the cluster is the newer one, without clocks: each node counts its own changes, and an account carries the counts
// of all. One that has all the counts of another, and more, is newer; when each has something that the other lacks, they are concurrent.

using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

internal sealed class VectorClock
{
    internal static readonly VectorClock Empty = new(ImmutableSortedDictionary<UniqueAddress, long>.Empty);

    internal VectorClock(ImmutableSortedDictionary<UniqueAddress, long> versions) => Versions = versions;

    internal enum Ordering
    {
        Same,

        /// <summary>This clock is behind the other.</summary>
        Before,

        /// <summary>This clock is ahead of the other.</summary>
        After,

        Concurrent,
    }

    internal ImmutableSortedDictionary<UniqueAddress, long> Versions { get; }

    internal VectorClock Increment(UniqueAddress node) => new(Versions.SetItem(node, Versions.GetValueOrDefault(node) + 1));

    internal VectorClock Prune(UniqueAddress removed) => Versions.ContainsKey(removed) ? new VectorClock(Versions.Remove(removed)) : this;

    internal VectorClock Merge(VectorClock that)
    {
        var merged = Versions.ToBuilder();
        foreach (var (node, count) in that.Versions) merged[node] = Math.Max(count, merged.GetValueOrDefault(node));
        return new VectorClock(merged.ToImmutable());
    }

    internal Ordering CompareTo(VectorClock that)
    {
        var weLack = Lacks(Versions, that.Versions);
        var theyLack = Lacks(that.Versions, Versions);
        return (weLack, theyLack) switch
        {
            (false, false) => Ordering.Same,
            (true, false) => Ordering.Before,
            (false, true) => Ordering.After,
            _ => Ordering.Concurrent,
        };
    }

    public override string ToString() => $"VectorClock({string.Join(", ", Versions.Select(entry => $"{entry.Key.Address}-{entry.Key.Uid} -> {entry.Value}"))})";

    private static bool Lacks(ImmutableSortedDictionary<UniqueAddress, long> these, ImmutableSortedDictionary<UniqueAddress, long> those)
    {
        foreach (var (node, count) in those)
            if (these.GetValueOrDefault(node) < count) return true;
        return false;
    }
}
