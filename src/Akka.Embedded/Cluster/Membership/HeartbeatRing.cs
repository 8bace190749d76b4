// Whom a node listens to. In a large cluster not everybody can watch everybody: the nodes stand in a ring, in an order that has nothing to do
// with addresses, and each watches the next few.
//
//J:Cluster:350 The ring of heartbeats
// Each node sends a heartbeat a second to the nodes after it in the ring, nine by default, and expects an answer from each. Answers feed a
// failure detector per node; silence, not a message, is how a death is learnt. Nodes that somebody already misses are watched as well but not
// counted, so that they are seen to return and yet nobody is left with too few watchers. When the ring changes, nodes that fall out of a
// node's share while it misses them stay in its care until they answer or are removed: otherwise nobody would ever say that they are back.

using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <param name="Self">The node that watches.</param>
/// <param name="Nodes">All nodes, itself included.</param>
/// <param name="Unreachable">Those whom anybody misses.</param>
/// <param name="MonitoredBy">How many reachable nodes each watches.</param>
internal sealed record HeartbeatRing(
    UniqueAddress Self, ImmutableSortedSet<UniqueAddress> Nodes, ImmutableHashSet<UniqueAddress> Unreachable, int MonitoredBy)
{
    private ImmutableHashSet<UniqueAddress> _receivers;

    internal ImmutableHashSet<UniqueAddress> Receivers => _receivers ??= Compute();

    internal static HeartbeatRing Of(UniqueAddress self, IEnumerable<UniqueAddress> nodes, IEnumerable<UniqueAddress> unreachable, int monitoredBy) =>
        new(self, nodes.Append(self).ToImmutableSortedSet(Comparer<UniqueAddress>.Create(ByScatteredHash)), [.. unreachable], monitoredBy);

    internal HeartbeatRing Add(UniqueAddress node) => Nodes.Contains(node) ? this : new(Self, Nodes.Add(node), Unreachable, MonitoredBy);

    internal HeartbeatRing Remove(UniqueAddress node) => new(Self, Nodes.Remove(node), Unreachable.Remove(node), MonitoredBy);

    internal HeartbeatRing Miss(UniqueAddress node) => new(Self, Nodes, Unreachable.Add(node), MonitoredBy);

    internal HeartbeatRing Find(UniqueAddress node) => new(Self, Nodes, Unreachable.Remove(node), MonitoredBy);

    private ImmutableHashSet<UniqueAddress> Compute()
    {
        if (MonitoredBy >= Nodes.Count - 1) return [.. Nodes.Remove(Self)];
        var chosen = ImmutableHashSet.CreateBuilder<UniqueAddress>();
        var reachable = 0;
        var here = Nodes.IndexOf(Self);
        for (var step = 1; step < Nodes.Count && reachable < MonitoredBy; step++)
        {
            var node = Nodes[(here + step) % Nodes.Count];
            var missed = Unreachable.Contains(node);
            if (missed && chosen.Count >= MonitoredBy) continue;
            chosen.Add(node);
            if (!missed) reachable++;
        }

        return chosen.ToImmutable();
    }

    private static int ByScatteredHash(UniqueAddress one, UniqueAddress other)
    {
        var result = Scatter(one.Uid).CompareTo(Scatter(other.Uid));
        return result == 0 ? one.CompareTo(other) : result;
    }

    /// <summary>Spreads numbers so that neighbours in one order are no neighbours in the other.</summary>
    private static uint Scatter(int uid) => unchecked((uint)uid * 2654435761u) >> 3 ^ unchecked((uint)uid * 40503u);
}
