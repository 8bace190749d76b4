// The rule of the majority: of two parts that cannot reach each other the one with more members stays; of equal halves the one with the lowest
// address. Both parts come to the same result from what they last knew together, without being able to talk.
//
//J:Cluster:380 A brain that is split
// When members are missed, nobody can tell whether they are dead or whether the network is cut and they count us among the dead. Waiting helps
// nobody for ever, and guessing makes two clusters, each with a singleton of its own. So each side counts: the members it reaches against those
// it does not. The side with more of them downs the others and goes on, the other side downs itself, which ends its nodes. Members that are
// just joining or leaving may be counted differently by the two sides; if that could turn the result, all go, for an end is safer than two
// truths. And nodes that are missed by some and heard by others belong to neither side: they go first, and the rest is counted again.

using System.Collections.Immutable;

namespace Akka.Cluster.SBR;

/// <param name="role">Only members of this role count; null for all.</param>
internal sealed class KeepMajority(string role)
{
    internal string Role { get; } = role;

    internal Decision Decide(SplitBrainView view)
    {
        if (!view.IndirectlyConnected.IsEmpty) return Decision.DownIndirectlyConnected;
        var voters = view.Voters(Role);
        if (voters.IsEmpty) return Decision.DownAll;
        var decision = Count(view, voters, voters);
        if (decision != Decision.DownUnreachable) return decision;
        // Once more with as few as there can be on this side and as many as there can be on the other.
        var few = view.Voters(Role, excludingPossiblyExiting: true);
        return !few.IsEmpty && Count(view, few, view.Voters(Role, includingPossiblyUp: true)) == Decision.DownUnreachable
            ? Decision.DownUnreachable
            : Decision.DownAll;
    }

    /// <summary>Whom a decision downs.</summary>
    internal ImmutableHashSet<UniqueAddress> NodesToDown(SplitBrainView view, Decision decision) => decision switch
    {
        Decision.DownUnreachable => view.Downable.Intersect(view.Unreachable),
        Decision.DownReachable => view.Downable.Except(view.Unreachable),
        Decision.DownIndirectlyConnected => view.Downable.Intersect(view.IndirectlyConnected.Union(BeyondIndirectlyConnected(view))),
        _ => view.Downable,
    };

    private static Decision Count(SplitBrainView view, ImmutableSortedSet<Member> ours, ImmutableSortedSet<Member> theirs)
    {
        var thisSide = ours.Count(member => !view.IsUnreachable(member));
        var otherSide = theirs.Count(view.IsUnreachable);
        if (thisSide == otherSide) return view.IsUnreachable(ours[0]) ? Decision.DownReachable : Decision.DownUnreachable;
        return thisSide > otherSide ? Decision.DownUnreachable : Decision.DownReachable;
    }

    /// <summary>There can be a clean split beside the half-broken links: it is decided as if those were not there.</summary>
    private ImmutableHashSet<UniqueAddress> BeyondIndirectlyConnected(SplitBrainView view)
    {
        var indirectly = view.IndirectlyConnected;
        if (view.Unreachable.Except(indirectly).IsEmpty) return [];
        var crossed = view.Reachability.AllObservers.Intersect(view.Reachability.AllUnreachableOrTerminated);
        var heard = view.Reachability.Records.Where(record => view.SeenBy.Contains(record.Subject.Address))
            .SelectMany(record => new[] { record.Observer, record.Subject }).ToHashSet();
        var downable = view.Downable;
        var beyond = view.Reachability.Where((observer, subject) =>
            downable.Contains(observer) && downable.Contains(subject)
            && !(crossed.Contains(observer) && crossed.Contains(subject)) && !(heard.Contains(observer) && heard.Contains(subject))
            && !MissedByAllReachable(view, observer));
        var rest = view with { Reachability = beyond, Unreachable = beyond.AllUnreachableOrTerminated };
        var decision = Decide(rest);
        // Still half-broken without the half-broken ones: there is no sense in it any more.
        return decision == Decision.DownIndirectlyConnected ? downable : NodesToDown(rest, decision);
    }

    /// <summary>An observer that is missed itself by everybody who is reachable is on the other side of a clean split.</summary>
    private static bool MissedByAllReachable(SplitBrainView view, UniqueAddress observer) => view.Unreachable.Contains(observer)
        && view.AllMembers.Select(member => member.UniqueAddress).Where(node => !view.Unreachable.Contains(node))
            .All(node => !view.Reachability.IsReachable(node, observer));
}
