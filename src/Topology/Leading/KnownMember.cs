// What the leader remembers of a node of the cluster while it is a member.

namespace Lguest.Topology.Leading;

/// <summary>One member, as the leader knows it.</summary>
internal sealed class KnownMember
{
    /// <summary>When it was last asked for a report; the leader's time.</summary>
    public TimeSpan Asked { get; set; }

    /// <summary>Its last report; null before the first.</summary>
    public NodeReport? Report { get; set; }

    /// <summary>Whether it read another file.</summary>
    public bool Stranger { get; set; }

    /// <summary>Whether it is on its way out of the cluster.</summary>
    public bool Leaving { get; set; }
}
