// Small clusters on paper: nodes by letter, members by letter and status, and gossip that everybody has signed.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Membership;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

internal static class Nodes
{
    internal static readonly UniqueAddress A = Node('a');
    internal static readonly UniqueAddress B = Node('b');
    internal static readonly UniqueAddress C = Node('c');
    internal static readonly UniqueAddress D = Node('d');
    internal static readonly UniqueAddress E = Node('e');

    internal static UniqueAddress Node(char name, int uid = 1) => new(new Address("akka.tcp", "sys", name.ToString(), 2552), uid);

    internal static Member Up(this UniqueAddress node, int number = 1, params string[] roles) => new(node, number, MemberStatus.Up, [.. roles]);

    internal static Member Is(this UniqueAddress node, MemberStatus status, int number = 1) =>
        new(node, status is MemberStatus.Joining or MemberStatus.WeaklyUp ? int.MaxValue : number, status, []);

    internal static Gossip Of(params Member[] members) =>
        Gossip.Empty.With(members).WithSeen([.. members.Select(member => member.UniqueAddress)]).WithVersion(VectorClock.Empty.Increment(members[0].UniqueAddress));

    internal static MembershipState SeenFrom(this Gossip gossip, UniqueAddress self) => new(self, gossip);

    internal static ImmutableHashSet<UniqueAddress> Nobody => [];
}
