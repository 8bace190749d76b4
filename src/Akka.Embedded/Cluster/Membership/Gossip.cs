// One account of the whole cluster: who is in it, who has signed this account, who misses whom, and which version this is. Nodes tell each
// other such accounts until all have the same.
//
//J:Cluster:300 What is told
// A cluster without a master has nothing but rumour. Every node holds one value, the gossip: the members with their stations, the table of
// who cannot reach whom, a vector clock that says which rumour is the newer one, and the names of those who have seen this very version.
// Whoever changes the value counts up its own entry in the clock, strikes all names but its own, and tells somebody. Whoever hears a newer
// value takes it and adds its name; whoever hears one that is neither newer nor older merges the two by a rule that gives the same result in
// every order. When all names that matter stand under one version, everybody knows it and everybody knows that everybody does: that is
// convergence, and only then may the leader move members on.

using System.Collections.Immutable;

namespace Akka.Cluster.Membership;

internal sealed class Gossip
{
    internal static readonly Gossip Empty = new(Member.NoMembers, [], Reachability.Empty, VectorClock.Empty);

    private readonly Lazy<Dictionary<UniqueAddress, Member>> _byAddress;

    internal Gossip(ImmutableSortedSet<Member> members, ImmutableHashSet<UniqueAddress> seen, Reachability reachability, VectorClock version)
    {
        Members = members;
        Seen = seen;
        Reachability = reachability;
        Version = version;
        _byAddress = new(() => Members.ToDictionary(member => member.UniqueAddress));
    }

    internal ImmutableSortedSet<Member> Members { get; }

    /// <summary>Those who have seen this version.</summary>
    internal ImmutableHashSet<UniqueAddress> Seen { get; }

    internal Reachability Reachability { get; }
    internal VectorClock Version { get; }
    internal bool IsSingletonCluster => Members.Count == 1;
    internal ImmutableHashSet<string> AllRoles => [.. Members.SelectMany(member => member.Roles)];

    internal bool Has(UniqueAddress node) => _byAddress.Value.ContainsKey(node);

    /// <summary>The member, or a removed one in its place.</summary>
    internal Member Find(UniqueAddress node) => _byAddress.Value.TryGetValue(node, out var member) ? member : Member.Removed(node);

    internal bool SeenBy(UniqueAddress node) => Seen.Contains(node);

    internal Gossip Sign(UniqueAddress node) => SeenBy(node) ? this : WithSeen(Seen.Add(node));

    internal Gossip WithSeen(ImmutableHashSet<UniqueAddress> seen) => new(Members, seen, Reachability, Version);

    internal Gossip WithReachability(Reachability reachability) => new(Members, Seen, reachability, Version);

    internal Gossip WithVersion(VectorClock version) => new(Members, Seen, Reachability, version);

    /// <summary>With these members added, each in place of an older account of itself.</summary>
    internal Gossip With(params IEnumerable<Member> members)
    {
        var changed = Members.ToBuilder();
        foreach (var member in members)
        {
            changed.Remove(member);
            changed.Add(member);
        }

        return new Gossip(changed.ToImmutable(), Seen, Reachability, Version);
    }

    /// <summary>Without these nodes, as if they had never been.</summary>
    internal Gossip Without(IReadOnlyCollection<UniqueAddress> nodes) => nodes.Count == 0
        ? this
        : new Gossip(
            Members.Except(nodes.Select(Find)), Seen.Except(nodes), Reachability.Remove(nodes), nodes.Aggregate(Version, (version, node) => version.Prune(node)));

    /// <summary>Two accounts made independently of each other in one: of each member what is further along, of each observer what it said last,
    /// and nobody has signed it yet. A dying member that one side does not know has been removed there, and stays removed.</summary>
    internal Gossip Merge(Gossip that)
    {
        var ours = ForgetWhatIsGone(that);
        var theirs = that.ForgetWhatIsGone(this);
        var members = Member.NoMembers.ToBuilder();
        foreach (var member in ours.Members) members.Add(theirs.Has(member.UniqueAddress) ? Member.FurtherAlong(member, theirs.Find(member.UniqueAddress)) : member);
        foreach (var member in theirs.Members)
            if (!ours.Has(member.UniqueAddress)) members.Add(member);
        var names = members.Select(member => member.UniqueAddress).ToHashSet();
        return new Gossip(members.ToImmutable(), [], ours.Reachability.Merge(names, theirs.Reachability), ours.Version.Merge(theirs.Version));
    }

    /// <summary>Whether both say the same of the members and their stations.</summary>
    internal bool SameMembersAs(Gossip that) => Members.Count == that.Members.Count
        && Members.Zip(that.Members).All(pair => pair.First.Equals(pair.Second) && pair.First.Status == pair.Second.Status && pair.First.UpNumber == pair.Second.UpNumber);

    public override string ToString() =>
        $"Gossip(members = [{string.Join(", ", Members)}], seen = [{string.Join(", ", Seen.Select(node => node.Address))}], {Reachability}, {Version})";

    private Gossip ForgetWhatIsGone(Gossip that)
    {
        var gone = Members.Where(member => member.Status.IsOnItsWayOut() && !that.Has(member.UniqueAddress)).ToList();
        return gone.Count == 0
            ? this
            : new Gossip(Members.Except(gone), Seen, Reachability, gone.Aggregate(Version, (version, member) => version.Prune(member.UniqueAddress)));
    }
}
