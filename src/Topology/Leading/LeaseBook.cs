// Leases: permissions to run Guests that expire by themselves. So a node that is cut off, paused or slow stops its Guests without being
// told.

namespace Lguest.Topology.Leading;

//J:Cluster:500 Never twice
// A Guest must not run twice: two machines with one name and one disk are worse than none. A cluster alone does not give that. When a node
// falls silent, the others decide after a while that it is gone; but a node can be silent and alive. It may be cut off, and learn of its
// removal only by its own count. It may have been stopped with SIGSTOP, and go on half a minute later exactly where it was, in the middle
// of a Guest's instruction. So each node has a lease. It asks the leader for it twice a second, and each answer is good for some seconds,
// counted from when the node ASKED, by the node's own clock. An answer that was long under way gives less, and never more than the leader
// thinks, which counts from when it ANSWERED. The Switcher enters no Guest after the end of the lease, and leaves one that runs at its next
// look at the clock: the stopped process wakes up, looks, and stands still. The leader restarts a Guest elsewhere only when the node is
// removed from the cluster AND the last lease that it gave the node has run out.
//J:Cluster:510 Who may give leases
// The leader may be the one that is cut off. So its answers carry its clock, and nodes send the last reading back with their next question.
// It grants only while readings of a majority have come back that are younger than a lease: proof that a majority was in touch with it a
// moment ago and so has not chosen another. Old questions that lay in a socket while it was stopped prove nothing, for the readings in them
// are old. With half of the nodes, the half with the lowest address counts as the majority, as in the cluster's own rule for partitions. A
// new leader does not know what the old one promised and assumes that every node was promised all; nor does it know what the old one
// started last, where the two were cut off together. So as long as a node is missing and such a promise may be good, it starts nothing, not
// even what its copy of the ledger calls waiting.

/// <summary>The leader's book of leases. Time is the leader's own, steadily running.</summary>
/// <param name="lease">How long a lease is.</param>
/// <param name="start">When this leader began.</param>
internal sealed class LeaseBook(TimeSpan lease, TimeSpan start)
{
    private readonly Dictionary<string, TimeSpan> _readings = [];
    private readonly Dictionary<string, TimeSpan> _promised = [];

    /// <summary>Answers a node's question.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="echo">The last reading of the leader's clock that it got; null if none of this leader's.</param>
    /// <param name="now">The leader's time.</param>
    /// <param name="members">The nodes that are members of the cluster, reachable or not.</param>
    /// <param name="lowest">The one of them with the lowest address.</param>
    /// <returns>Whether the lease is granted.</returns>
    public bool Answer(string node, TimeSpan? echo, TimeSpan now, IReadOnlyCollection<string> members, string? lowest)
    {
        if (echo is { } reading && reading <= now && (!_readings.TryGetValue(node, out var last) || last < reading))
            _readings[node] = reading;
        if (!members.Contains(node) || !HasMajority(now, members, lowest))
            return false;
        _promised[node] = now + lease;
        return true;
    }

    /// <summary>When the last lease is over that an earlier leader may have given to anybody. That one has not been in touch with a
    /// majority for a lease when the next one begins, for nodes are
    /// taken out of the cluster no sooner, and what it still gave its own node by the majority's last readings ends a lease
    /// later.</summary>
    public TimeSpan UnknownUntil { get; } = start + lease;

    /// <summary>When the last lease that a node may have is over.</summary>
    public TimeSpan PromisedUntil(string node) => _promised.TryGetValue(node, out var until) && until > UnknownUntil ? until : UnknownUntil;

    /// <summary>A node that comes back is another one.</summary>
    public void Forget(string node) => _readings.Remove(node);

    private bool HasMajority(TimeSpan now, IReadOnlyCollection<string> members, string? lowest)
    {
        var fresh = members.Where(member => _readings.TryGetValue(member, out var reading) && now - reading < lease).ToList();
        return fresh.Count * 2 > members.Count || (fresh.Count * 2 == members.Count && lowest is not null && fresh.Contains(lowest));
    }
}
