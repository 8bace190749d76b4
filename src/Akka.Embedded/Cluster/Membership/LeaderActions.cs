// What the leader does, and nobody else: lets the joining in, lets the leaving go, and strikes out those who are gone.
//
//J:Cluster:330 The leader's round
// Once a second the leader looks whether there is convergence. If so it moves everybody one station on: joining members become up, each with
// the next number of the order of coming up, provided that there are as many as the configuration asks for; leaving members become exiting;
// members that are down or exiting and unreachable, or that have confirmed their exit, are struck out, with their rows and their counts. All
// of it is one change of the gossip. Without convergence nothing moves but this: when that has lasted long enough, joining members that can be
// reached become weakly up, so that a cluster with a missed member can still take in new ones.

using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

/// <summary>How many members there must be before any comes up, in all and of each role.</summary>
internal sealed record MinimumMembers(int Total, IReadOnlyDictionary<string, int> OfRole)
{
    internal static readonly MinimumMembers One = new(1, ImmutableDictionary<string, int>.Empty);

    internal bool AreIn(Gossip gossip) =>
        gossip.Members.Count >= Total && OfRole.All(role => gossip.Members.Count(member => member.HasRole(role.Key)) >= role.Value);
}

/// <summary>The outcome of a round: whom it moved, whom it struck out, and whether the leader has let itself go.</summary>
internal sealed record LeaderRound(
    MembershipState State, IReadOnlyList<Member> Moved, IReadOnlyList<Member> Unreachable, IReadOnlyList<Member> Confirmed, bool SelfIsExiting)
{
    internal bool HasChanged => Moved.Count + Unreachable.Count + Confirmed.Count > 0;

    internal IEnumerable<Member> NowExiting => Moved.Where(member => member.Status == MemberStatus.Exiting);

    /// <summary>The round on convergence.</summary>
    internal static LeaderRound Play(MembershipState state, MinimumMembers minimum, IReadOnlySet<UniqueAddress> exitingConfirmed)
    {
        var gossip = state.Gossip;
        var unreachable = gossip.Reachability.AllUnreachableOrTerminated.Select(gossip.Find)
            .Where(member => gossip.Has(member.UniqueAddress) && member.Status.IsOnItsWayOut()).ToList();
        var confirmed = exitingConfirmed.Select(gossip.Find).Where(member => member.Status == MemberStatus.Exiting).Except(unreachable).ToList();
        var moved = Moves(gossip, minimum.AreIn(gossip));
        var round = new LeaderRound(state, moved, unreachable, confirmed, moved.Any(member => member.UniqueAddress.Equals(state.Self) && member.Status == MemberStatus.Exiting));
        if (!round.HasChanged) return round;
        var next = gossip.With(moved).Without([.. unreachable.Concat(confirmed).Select(member => member.UniqueAddress)]);
        return round with { State = (round.SelfIsExiting ? state.Exiting() : state).Changed(next) };
    }

    /// <summary>What may be done when convergence is long in coming.</summary>
    internal static LeaderRound PlayWithoutConvergence(MembershipState state, MinimumMembers minimum)
    {
        var moved = minimum.AreIn(state.Gossip)
            ? state.Gossip.Members
                .Where(member => member.Status == MemberStatus.Joining && state.ReachabilityFromLivingObservers.IsReachable(member.UniqueAddress))
                .Select(member => member.Copy(MemberStatus.WeaklyUp)).ToList()
            : [];
        return new LeaderRound(moved.Count == 0 ? state : state.Changed(state.Gossip.With(moved)), moved, [], [], SelfIsExiting: false);
    }

    /// <summary>Those who should hear first of members that are leaving: the oldest two, of all and of each of their roles, for singletons
    /// live on the oldest and the next of them takes over.</summary>
    internal IEnumerable<UniqueAddress> FirstToHear()
    {
        var exiting = NowExiting.ToList();
        if (exiting.Count == 0) return [];
        var byAge = State.Gossip.Members.Order(Member.AgeOrdering).ToList();
        return byAge.Take(2)
            .Concat(exiting.SelectMany(member => member.Roles).Distinct().SelectMany(role => byAge.Where(member => member.HasRole(role)).Take(2)))
            .Select(member => member.UniqueAddress).Distinct();
    }

    private static List<Member> Moves(Gossip gossip, bool enough)
    {
        var youngest = gossip.Members.Select(member => member.UpNumber).Where(number => number != int.MaxValue).DefaultIfEmpty(0).Max();
        var moved = new List<Member>();
        foreach (var member in gossip.Members)
        {
            if (enough && member.Status.MayBecome(MemberStatus.Up)) moved.Add(member.CopyUp(++youngest));
            else if (member.Status == MemberStatus.Leaving) moved.Add(member.Copy(MemberStatus.Exiting));
        }

        return moved;
    }
}
