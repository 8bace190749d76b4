// What a split brain resolver knows when it decides: the members, whom of them anybody misses, who says so, and who still hears the gossip.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;

namespace Akka.Cluster.SBR;

/// <param name="AllMembers">Every member, whatever its station.</param>
/// <param name="Unreachable">Those that are missed.</param>
/// <param name="Reachability">Who misses whom.</param>
/// <param name="SeenBy">Who has signed the present gossip.</param>
internal sealed record SplitBrainView(
    ImmutableSortedSet<Member> AllMembers, ImmutableHashSet<UniqueAddress> Unreachable, Reachability Reachability, ImmutableHashSet<Address> SeenBy)
{
    internal static readonly SplitBrainView Empty = new(Member.NoMembers, [], Reachability.Empty, []);

    internal bool IsAllUnreachableDownOrExiting => AllMembers.Where(IsUnreachable).All(member => member.Status.IsOnItsWayOut());

    /// <summary>Those that are missed by somebody and yet seen by somebody, or miss somebody and are missed themselves: the network between
    /// them works in one direction, or in a triangle. No count of sides makes sense of them.</summary>
    internal ImmutableHashSet<UniqueAddress> IndirectlyConnected => Reachability.AllObservers
        .Intersect(Reachability.AllUnreachableOrTerminated)
        .Union(SeenThoughMissed);

    private IEnumerable<UniqueAddress> SeenThoughMissed => Reachability.Records
        .Where(record => SeenBy.Contains(record.Subject.Address))
        .SelectMany(record => new[] { record.Observer, record.Subject });

    internal bool IsUnreachable(Member member) => Unreachable.Contains(member.UniqueAddress);

    internal SplitBrainView Add(Member member) => this with { AllMembers = AllMembers.Remove(member).Add(member) };

    internal SplitBrainView Miss(Member member) => Add(member) with { Unreachable = Unreachable.Add(member.UniqueAddress) };

    internal SplitBrainView Find(Member member) => Add(member) with { Unreachable = Unreachable.Remove(member.UniqueAddress) };

    internal SplitBrainView Remove(Member member) =>
        this with { AllMembers = AllMembers.Remove(member), Unreachable = Unreachable.Remove(member.UniqueAddress) };

    /// <summary>Those that have a say, of a role if one is given: up or leaving, and if asked for also those that may be up on the other side
    /// already, or without those that may have gone there.</summary>
    internal ImmutableSortedSet<Member> Voters(string role, bool includingPossiblyUp = false, bool excludingPossiblyExiting = false) =>
        [.. AllMembers.Where(member => (string.IsNullOrEmpty(role) || member.HasRole(role)) && member.Status switch
        {
            MemberStatus.Joining or MemberStatus.WeaklyUp => includingPossiblyUp,
            MemberStatus.Leaving => !excludingPossiblyExiting,
            MemberStatus.Up => true,
            _ => false,
        })];

    /// <summary>Those whom a decision may down.</summary>
    internal ImmutableHashSet<UniqueAddress> Downable =>
        [.. AllMembers.Where(member => !member.Status.IsOnItsWayOut()).Select(member => member.UniqueAddress)];
}
