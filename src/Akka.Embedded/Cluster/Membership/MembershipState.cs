// The cluster as one node sees it, and every step that a node may take: an immutable value with functions from state to state. The actor that
// owns it only carries messages, so that all rules of membership can be tested without one.

using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Membership;

internal sealed class MembershipState
{
    private readonly Lazy<Reachability> _fromLivingObservers;

    internal MembershipState(UniqueAddress self, Gossip gossip, bool isExiting = false)
    {
        Self = self;
        Gossip = gossip;
        IsExiting = isExiting;
        _fromLivingObservers = new(() => Gossip.Reachability.RemoveObservers(
            [.. Gossip.Members.Where(member => member.Status == MemberStatus.Down).Select(member => member.UniqueAddress)]));
    }

    internal UniqueAddress Self { get; }
    internal Gossip Gossip { get; }

    /// <summary>While this node finishes its last tasks it signs nothing more: the others must not wait for its signature.</summary>
    internal bool IsExiting { get; }

    internal Member SelfMember => Gossip.Find(Self);
    internal bool IsLeader => Self.Equals(Leader);
    internal UniqueAddress Leader => LeaderOf(Gossip.Members);

    /// <summary>What those say who are not down: the word of the dead does not count.</summary>
    internal Reachability ReachabilityFromLivingObservers => _fromLivingObservers.Value;

    internal UniqueAddress RoleLeader(string role) => LeaderOf(Gossip.Members.Where(member => member.HasRole(role)));

    //J:Cluster:310 Who leads
    // Nobody is elected. The leader is the first reachable member by address that is up or leaving; everybody computes it from the same gossip
    // and so comes to the same name. For a while two nodes may both believe that they lead, for their tables of reachability may differ. That
    // is harmless: a leader acts only on convergence, and there is no convergence while the tables differ.
    /// <summary>Who leads these; null when nobody can.</summary>
    internal UniqueAddress LeaderOf(IEnumerable<Member> members)
    {
        var reachability = Gossip.Reachability;
        var allReachable = reachability.IsAllReachable;
        return members
            .Where(member => (member.Status != MemberStatus.Down && reachability.IsReachable(member.UniqueAddress)) || (!allReachable && member.UniqueAddress.Equals(Self)))
            .Order(Member.LeaderStatusOrdering)
            .FirstOrDefault()?.UniqueAddress;
    }

    //J:Cluster:320 Convergence
    // Two conditions. Nobody is missed, but for those that are down or exiting anyway, as far as living observers say. And everybody who is up
    // or leaving has signed this version, but for those who have told the leader that they are gone. One member that is unreachable and not
    // down stops every change but weakly-up: the cluster would rather stand still than go two ways. It is the downing provider that ends this.
    internal bool HasConverged(IReadOnlySet<UniqueAddress> exitingConfirmed) =>
        ReachabilityFromLivingObservers.AllUnreachableOrTerminated
            .Where(node => !node.Equals(Self) && !exitingConfirmed.Contains(node))
            .All(node => Gossip.Find(node).Status.IsOnItsWayOut())
        && Gossip.Members
            .Where(member => member.Status.NeededForConvergence())
            .All(member => Gossip.SeenBy(member.UniqueAddress) || exitingConfirmed.Contains(member.UniqueAddress));

    /// <summary>Whether it makes sense to send gossip there: to anybody else whom we do not miss ourselves.</summary>
    internal bool CanGossipTo(UniqueAddress node) => !node.Equals(Self) && Gossip.Has(node) && Gossip.Reachability.IsReachable(Self, node);

    /// <summary>A change that this node has made: a new version that only it has seen.</summary>
    internal MembershipState Changed(Gossip gossip) => With(gossip.WithVersion(gossip.Version.Increment(Self)).WithSeen(IsExiting ? [] : [Self]));

    internal MembershipState With(Gossip gossip) => new(Self, gossip, IsExiting);

    internal MembershipState Signed() => With(Gossip.Sign(Self));

    internal MembershipState Exiting() => new(Self, Gossip, isExiting: true);

    /// <summary>A node asks to become a member.</summary>
    internal (JoinOutcome Outcome, MembershipState State) Join(UniqueAddress node, ImmutableHashSet<string> roles)
    {
        if (SelfMember.Status.IsOnItsWayOut()) return (JoinOutcome.Refused, this);
        var known = Gossip.Members.FirstOrDefault(member => member.Address.Equals(node.Address));
        if (known is null) return (JoinOutcome.Added, Changed(Gossip.With(Member.Create(node, roles))));
        if (known.UniqueAddress.Equals(node)) return (JoinOutcome.Already, this);
        if (known.Status == MemberStatus.Down) return (JoinOutcome.NewIncarnation, this);
        // The old incarnation cannot come back: its place is taken. It goes first, the new one will ask again.
        var gone = Gossip.WithReachability(Gossip.Reachability.Terminated(Self, known.UniqueAddress));
        return (JoinOutcome.NewIncarnation, Changed(MarkedDown(gone, known)));
    }

    /// <summary>A member wants to go, or somebody wants it to; the same state when there is no such member or it is going already.</summary>
    internal MembershipState Leave(Address address)
    {
        var leaving = Gossip.Members.Where(member => member.Address.Equals(address) && member.Status.MayBecome(MemberStatus.Leaving)).ToList();
        return leaving.Count == 0 ? this : Changed(Gossip.With(leaving.Select(member => member.Copy(MemberStatus.Leaving))));
    }

    /// <summary>Somebody has decided that a member is dead; the same state when it is no member or down already.</summary>
    internal MembershipState Down(Address address) =>
        Gossip.Members.FirstOrDefault(member => member.Address.Equals(address) && member.Status != MemberStatus.Down) is { } member
            ? Changed(MarkedDown(Gossip, member))
            : this;

    /// <summary>Remoting has quarantined the node: it will never be heard of again.</summary>
    internal MembershipState Terminate(UniqueAddress node)
    {
        if (!Gossip.Has(node)) return this;
        var reachability = Gossip.Reachability.Terminated(Self, node);
        return ReferenceEquals(reachability, Gossip.Reachability) ? this : Changed(Gossip.WithReachability(reachability));
    }

    /// <summary>Writes down what the failure detector thinks of each member.</summary>
    internal (MembershipState State, IReadOnlyList<Member> Lost, IReadOnlyList<Member> Found) Observe(Func<Address, bool> isAvailable)
    {
        var lost = Gossip.Members
            .Where(member => !member.UniqueAddress.Equals(Self) && Gossip.Reachability.IsReachable(Self, member.UniqueAddress) && !isAvailable(member.Address))
            .ToList();
        var found = Gossip.Reachability.AllUnreachableFrom(Self).Where(node => !node.Equals(Self) && isAvailable(node.Address)).Select(Gossip.Find).ToList();
        if (lost.Count == 0 && found.Count == 0) return (this, lost, found);
        var reachability = lost.Aggregate(Gossip.Reachability, (table, member) => table.Unreachable(Self, member.UniqueAddress));
        reachability = found.Aggregate(reachability, (table, member) => table.Reachable(Self, member.UniqueAddress));
        return (Changed(Gossip.WithReachability(reachability)), lost, found);
    }

    private static Gossip MarkedDown(Gossip gossip, Member member) =>
        gossip.With(member.Copy(MemberStatus.Down)).WithSeen(gossip.Seen.Remove(member.UniqueAddress));
}
