// What a node believes: whose gossip, which versions, and that nobody can turn back a member's life by telling stories.

using Akka.Cluster;
using Akka.Cluster.Membership;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class GossipReceptionSpec
{
    private static readonly Gossip _ours = Of(A.Up(), B.Up(2), C.Up(3));

    [Fact]
    public void The_same_version_adds_signatures()
    {
        var heard = GossipReception.Receive(_ours.WithSeen([A]).SeenFrom(A), B, A, _ours.WithSeen([B, C]));

        heard.Kind.ShouldBe(GossipKind.Same);
        heard.State.Gossip.Seen.ShouldBe([A, B, C], ignoreOrder: true);
        heard.TalkBack.ShouldBeTrue();
    }

    [Fact]
    public void A_newer_version_is_adopted_and_signed_and_an_older_one_answered()
    {
        var newer = _ours.SeenFrom(B).Leave(C.Address).Gossip;

        var heard = GossipReception.Receive(_ours.SeenFrom(A), B, A, newer);
        heard.Kind.ShouldBe(GossipKind.Newer);
        heard.State.Gossip.Find(C).Status.ShouldBe(MemberStatus.Leaving);
        heard.State.Gossip.Seen.ShouldBe([A, B], ignoreOrder: true);
        heard.State.Gossip.Version.CompareTo(newer.Version).ShouldBe(VectorClock.Ordering.Same);

        var late = GossipReception.Receive(newer.SeenFrom(B), A, B, _ours);
        late.Kind.ShouldBe(GossipKind.Older);
        late.TalkBack.ShouldBeTrue();
        late.State.Gossip.Find(C).Status.ShouldBe(MemberStatus.Leaving);
    }

    [Fact]
    public void Concurrent_versions_are_merged_to_the_same_on_both_sides()
    {
        var left = _ours.SeenFrom(A).Leave(C.Address).Gossip;
        var right = _ours.SeenFrom(B).Down(C.Address).Join(D, []).State.Gossip;

        var atLeft = GossipReception.Receive(left.SeenFrom(A), B, A, right);
        var atRight = GossipReception.Receive(right.SeenFrom(B), A, B, left);

        atLeft.Kind.ShouldBe(GossipKind.Merged);
        atLeft.State.Gossip.Find(C).Status.ShouldBe(MemberStatus.Down);
        atLeft.State.Gossip.Has(D).ShouldBeTrue();
        atLeft.State.Gossip.SameMembersAs(atRight.State.Gossip).ShouldBeTrue();
        atLeft.State.Gossip.Version.CompareTo(atRight.State.Gossip.Version).ShouldBe(VectorClock.Ordering.Same);
    }

    [Fact]
    public void A_member_that_one_side_has_removed_does_not_come_back_by_a_merge()
    {
        var downed = _ours.SeenFrom(A).Down(C.Address).Gossip.WithReachability(Reachability.Empty.Unreachable(A, C));
        var removed = LeaderRound.Play(downed.SeenFrom(A), MinimumMembers.One, Nobody).State.Gossip;
        var elsewhere = downed.SeenFrom(B).Join(D, []).State.Gossip;

        GossipReception.Receive(removed.SeenFrom(A), B, A, elsewhere).State.Gossip.Members.Select(member => member.UniqueAddress).ShouldBe([A, B, D]);
        GossipReception.Receive(elsewhere.SeenFrom(B), A, B, removed).State.Gossip.Members.Select(member => member.UniqueAddress).ShouldBe([A, B, D]);
    }

    [Fact]
    public void Gossip_for_others_from_strangers_from_the_missed_or_without_us_is_ignored()
    {
        var state = _ours.SeenFrom(A);

        Kind(state, B, C, _ours).ShouldBe(GossipKind.Ignored);
        Kind(state, D, A, _ours).ShouldBe(GossipKind.Ignored);
        Kind(state, B, A, Of(B.Up(), C.Up())).ShouldBe(GossipKind.Ignored);
        Kind(state, B, Node('a', uid: 7), _ours).ShouldBe(GossipKind.Ignored);
        Kind(state.Observe(address => address != B.Address).State, B, A, _ours).ShouldBe(GossipKind.Ignored);
    }

    [Fact]
    public void Gossip_that_contradicts_its_sender_or_this_node_is_refused()
    {
        var state = _ours.SeenFrom(A);

        Kind(state, B, A, Of(A.Up(), C.Up())).ShouldBe(GossipKind.Refused);
        Kind(state, B, A, Of(A.Up(1, "boss"), B.Up())).ShouldBe(GossipKind.Refused);
    }

    [Fact]
    public void Nobody_rises_from_the_dead_by_a_newer_version()
    {
        var state = _ours.SeenFrom(A).Down(C.Address);
        var lie = _ours.WithVersion(state.Gossip.Version.Increment(B));

        var heard = GossipReception.Receive(state, B, A, lie);

        heard.State.Gossip.Find(C).Status.ShouldBe(MemberStatus.Down);
        heard.State.Gossip.Version.CompareTo(lie.Version).ShouldBe(VectorClock.Ordering.After);
        heard.Remark.ShouldContain("is back to [Up]");
    }

    [Fact]
    public void The_same_version_with_other_members_is_merged()
    {
        var other = _ours.With(C.Is(MemberStatus.Down, 3));

        var heard = GossipReception.Receive(_ours.SeenFrom(A), B, A, other);

        heard.State.Gossip.Find(C).Status.ShouldBe(MemberStatus.Down);
        heard.Remark.ShouldContain("same version");
    }

    private static GossipKind Kind(MembershipState state, UniqueAddress from, UniqueAddress to, Gossip gossip)
    {
        var heard = GossipReception.Receive(state, from, to, gossip);
        heard.State.ShouldBeSameAs(state);
        heard.Remark.ShouldNotBeNullOrEmpty();
        return heard.Kind;
    }
}
