// What happens in the cluster, as those see it who have subscribed: members pass their stations, are missed and found again, leaders change.
// One file holds them all, for together they are the page that a subscriber reads.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster;

public class ClusterEvent
{
    public static readonly SubscriptionInitialStateMode InitialStateAsSnapshot = SubscriptionInitialStateMode.InitialStateAsSnapshot;
    public static readonly SubscriptionInitialStateMode InitialStateAsEvents = SubscriptionInitialStateMode.InitialStateAsEvents;

    /// <summary>How a new subscriber learns what has happened before.</summary>
    public enum SubscriptionInitialStateMode
    {
        /// <summary>One <see cref="CurrentClusterState"/>.</summary>
        InitialStateAsSnapshot,

        /// <summary>The events that would have led to the present state.</summary>
        InitialStateAsEvents,
    }

    public interface IClusterDomainEvent : IDeadLetterSuppression, INoSerializationVerificationNeeded
    {
    }

    public interface IMemberEvent : IClusterDomainEvent
    {
        Member Member { get; }
    }

    public interface IReachabilityEvent : IClusterDomainEvent
    {
    }

    /// <summary>The cluster at one moment.</summary>
    public sealed class CurrentClusterState(
        ImmutableSortedSet<Member> members,
        ImmutableHashSet<Member> unreachable,
        ImmutableHashSet<Address> seenBy,
        Address leader,
        ImmutableDictionary<string, Address> roleLeaderMap) : INoSerializationVerificationNeeded
    {
        public CurrentClusterState()
            : this(Member.NoMembers, [], [], null, ImmutableDictionary<string, Address>.Empty)
        {
        }

        public ImmutableSortedSet<Member> Members { get; } = members;
        public ImmutableHashSet<Member> Unreachable { get; } = unreachable;

        /// <summary>Who has signed the present gossip.</summary>
        public ImmutableHashSet<Address> SeenBy { get; } = seenBy;

        /// <summary>Null when there is none.</summary>
        public Address Leader { get; } = leader;

        public ImmutableHashSet<string> AllRoles => [.. roleLeaderMap.Keys];

        public Address RoleLeader(string role) => roleLeaderMap.GetValueOrDefault(role);

        internal static CurrentClusterState Of(MembershipState state) => new(
            state.Gossip.Members,
            [.. state.Gossip.Reachability.AllUnreachableOrTerminated.Where(node => node != state.Self).Select(state.Gossip.Find)],
            [.. state.Gossip.Seen.Select(node => node.Address)],
            state.Leader?.Address,
            state.Gossip.AllRoles.ToImmutableDictionary(role => role, role => state.RoleLeader(role)?.Address));
    }

    /// <summary>A member has reached a station.</summary>
    public abstract class MemberStatusChange : IMemberEvent
    {
        protected MemberStatusChange(Member member, MemberStatus validStatus)
        {
            if (member.Status != validStatus) throw new ArgumentException($"Expected {validStatus} state, got: {member}", nameof(member));
            Member = member;
        }

        public Member Member { get; }

        public override bool Equals(object obj) => obj is MemberStatusChange other && other.GetType() == GetType() && Member.Equals(other.Member);
        public override int GetHashCode() => HashCode.Combine(GetType(), Member);
        public override string ToString() => $"{GetType()}(Member={Member})";
    }

    public sealed class MemberJoined(Member member) : MemberStatusChange(member, MemberStatus.Joining);

    public sealed class MemberWeaklyUp(Member member) : MemberStatusChange(member, MemberStatus.WeaklyUp);

    public sealed class MemberUp(Member member) : MemberStatusChange(member, MemberStatus.Up);

    public sealed class MemberLeft(Member member) : MemberStatusChange(member, MemberStatus.Leaving);

    public sealed class MemberExited(Member member) : MemberStatusChange(member, MemberStatus.Exiting);

    public sealed class MemberDowned(Member member) : MemberStatusChange(member, MemberStatus.Down);

    public sealed class MemberRemoved(Member member, MemberStatus previousStatus) : MemberStatusChange(member, MemberStatus.Removed)
    {
        /// <summary>Down when it was thrown out, exiting when it went in order.</summary>
        public MemberStatus PreviousStatus { get; } = previousStatus;

        public override bool Equals(object obj) => base.Equals(obj) && PreviousStatus == ((MemberRemoved)obj).PreviousStatus;
        public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), PreviousStatus);
    }

    public sealed class LeaderChanged(Address leader) : IClusterDomainEvent
    {
        /// <summary>Null when nobody leads any more.</summary>
        public Address Leader { get; } = leader;

        public override bool Equals(object obj) => obj is LeaderChanged other && Leader == other.Leader;
        public override int GetHashCode() => Leader?.GetHashCode() ?? 0;
        public override string ToString() => $"LeaderChanged(NewLeader={Leader})";
    }

    public sealed class RoleLeaderChanged(string role, Address leader) : IClusterDomainEvent
    {
        public string Role { get; } = role;
        public Address Leader { get; } = leader;

        public override bool Equals(object obj) => obj is RoleLeaderChanged other && Role == other.Role && Leader == other.Leader;
        public override int GetHashCode() => HashCode.Combine(Role, Leader);
        public override string ToString() => $"RoleLeaderChanged(Leader={Leader}, Role={Role})";
    }

    /// <summary>This node has left the cluster, one way or the other.</summary>
    public sealed class ClusterShuttingDown : IClusterDomainEvent
    {
        public static readonly IClusterDomainEvent Instance = new ClusterShuttingDown();

        private ClusterShuttingDown()
        {
        }

        public override string ToString() => "ClusterShuttingDown";
    }

    /// <summary>Somebody misses a member, or nobody does any more.</summary>
    public abstract class ReachabilityEvent(Member member) : IReachabilityEvent
    {
        public Member Member { get; } = member;

        public override bool Equals(object obj) => obj is ReachabilityEvent other && other.GetType() == GetType() && Member.Equals(other.Member);
        public override int GetHashCode() => HashCode.Combine(GetType(), Member);
        public override string ToString() => $"{GetType()}(Member={Member})";
    }

    public sealed class UnreachableMember(Member member) : ReachabilityEvent(member);

    public sealed class ReachableMember(Member member) : ReachabilityEvent(member);

    /// <summary>Somebody has signed the gossip, or it is a new one.</summary>
    internal sealed class SeenChanged(bool convergence, ImmutableHashSet<Address> seenBy) : IClusterDomainEvent
    {
        public bool Convergence { get; } = convergence;
        public ImmutableHashSet<Address> SeenBy { get; } = seenBy;
    }

    /// <summary>The table of who misses whom is another.</summary>
    internal sealed class ReachabilityChanged(Reachability reachability) : IClusterDomainEvent
    {
        public Reachability Reachability { get; } = reachability;
    }
}
