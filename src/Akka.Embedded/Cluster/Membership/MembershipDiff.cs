// The events that lead from one state of the membership to another: subscribers hear of changes, the gossip only knows states.

using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

internal static class MembershipDiff
{
    private static readonly ImmutableHashSet<UniqueAddress> _nobody = [];

    /// <summary>In the order in which subscribers hear of them: members, reachability, leaders.</summary>
    internal static IEnumerable<ClusterEvent.IClusterDomainEvent> Between(MembershipState before, MembershipState after)
    {
        if (ReferenceEquals(before, after)) return [];
        return Members(before.Gossip, after.Gossip)
            .Concat(Reached(before, after))
            .Concat(Leaders(before, after))
            .Concat(Tables(before, after));
    }

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Members(Gossip before, Gossip after)
    {
        foreach (var member in after.Members)
        {
            var known = before.Has(member.UniqueAddress);
            var earlier = before.Find(member.UniqueAddress);
            if (!known || earlier.Status != member.Status || earlier.UpNumber != member.UpNumber) yield return Arrived(member);
        }

        foreach (var member in before.Members)
            if (!after.Has(member.UniqueAddress)) yield return new ClusterEvent.MemberRemoved(member.Copy(MemberStatus.Removed), member.Status);
    }

    private static ClusterEvent.IMemberEvent Arrived(Member member) => member.Status switch
    {
        MemberStatus.Joining => new ClusterEvent.MemberJoined(member),
        MemberStatus.WeaklyUp => new ClusterEvent.MemberWeaklyUp(member),
        MemberStatus.Up => new ClusterEvent.MemberUp(member),
        MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
        MemberStatus.Exiting => new ClusterEvent.MemberExited(member),
        _ => new ClusterEvent.MemberDowned(member),
    };

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Reached(MembershipState before, MembershipState after)
    {
        var missed = before.Gossip.Reachability.AllUnreachableOrTerminated;
        foreach (var node in after.Gossip.Reachability.AllUnreachableOrTerminated)
            if (!missed.Contains(node) && node != after.Self) yield return new ClusterEvent.UnreachableMember(after.Gossip.Find(node));
        foreach (var node in before.Gossip.Reachability.AllUnreachable)
            if (after.Gossip.Has(node) && after.Gossip.Reachability.IsReachable(node) && node != after.Self)
                yield return new ClusterEvent.ReachableMember(after.Gossip.Find(node));
    }

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Leaders(MembershipState before, MembershipState after)
    {
        var leader = after.Leader;
        if (leader != before.Leader) yield return new ClusterEvent.LeaderChanged(leader?.Address);
        foreach (var role in before.Gossip.AllRoles.Union(after.Gossip.AllRoles))
        {
            var ofRole = after.RoleLeader(role);
            if (ofRole != before.RoleLeader(role)) yield return new ClusterEvent.RoleLeaderChanged(role, ofRole?.Address);
        }
    }

    private static IEnumerable<ClusterEvent.IClusterDomainEvent> Tables(MembershipState before, MembershipState after)
    {
        var converged = after.HasConverged(_nobody);
        if (converged != before.HasConverged(_nobody) || !after.Gossip.Seen.SetEquals(before.Gossip.Seen))
            yield return new ClusterEvent.SeenChanged(converged, [.. after.Gossip.Seen.Select(node => node.Address)]);
        if (!after.Gossip.Reachability.SameAs(before.Gossip.Reachability)) yield return new ClusterEvent.ReachabilityChanged(after.Gossip.Reachability);
    }
}
