// The rules of membership without an actor: who leads, what convergence is, what becomes of those who join, leave, are downed or missed.

using Akka.Cluster;
using Akka.Cluster.Membership;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class MembershipStateSpec
{
    [Fact]
    public void The_first_reachable_member_that_is_up_or_leaving_leads()
    {
        var gossip = Of(A.Is(MemberStatus.Joining), B.Up(), C.Up());

        gossip.SeenFrom(C).Leader.ShouldBe(B);
        gossip.WithReachability(Reachability.Empty.Unreachable(C, B)).SeenFrom(C).Leader.ShouldBe(C);
        Of(A.Is(MemberStatus.Joining), B.Is(MemberStatus.Exiting), C.Is(MemberStatus.Down)).SeenFrom(B).Leader.ShouldBe(A);
        Of(A.Up(roles: "left"), B.Up(roles: "right")).SeenFrom(A).RoleLeader("right").ShouldBe(B);
        Gossip.Empty.SeenFrom(A).Leader.ShouldBeNull();
    }

    [Fact]
    public void There_is_convergence_when_all_that_are_up_or_leaving_have_signed_and_nobody_is_missed()
    {
        var gossip = Of(A.Up(), B.Up(), C.Is(MemberStatus.Joining));

        gossip.SeenFrom(A).HasConverged(Nobody).ShouldBeTrue();
        gossip.WithSeen([A]).SeenFrom(A).HasConverged(Nobody).ShouldBeFalse();
        gossip.WithSeen([A]).SeenFrom(A).HasConverged(Nobody.Add(B)).ShouldBeTrue();
        gossip.WithSeen([A, B]).SeenFrom(A).HasConverged(Nobody).ShouldBeTrue();
        gossip.WithReachability(Reachability.Empty.Unreachable(A, B)).SeenFrom(A).HasConverged(Nobody).ShouldBeFalse();
    }

    [Fact]
    public void The_missed_that_are_down_or_exiting_hinder_nobody_and_the_dead_accuse_nobody()
    {
        Of(A.Up(), B.Is(MemberStatus.Down)).WithReachability(Reachability.Empty.Unreachable(A, B)).SeenFrom(A).HasConverged(Nobody).ShouldBeTrue();
        Of(A.Up(), B.Is(MemberStatus.Down), C.Up()).WithReachability(Reachability.Empty.Unreachable(B, C)).SeenFrom(A).HasConverged(Nobody).ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_joins_is_joining_and_only_who_took_it_in_has_signed()
    {
        var (outcome, state) = Of(A.Up()).SeenFrom(A).Join(B, ["worker"]);

        outcome.ShouldBe(JoinOutcome.Added);
        state.Gossip.Find(B).Status.ShouldBe(MemberStatus.Joining);
        state.Gossip.Find(B).Roles.ShouldBe(["worker"]);
        state.Gossip.Seen.ShouldBe([A]);
        state.Join(B, ["worker"]).Outcome.ShouldBe(JoinOutcome.Already);
    }

    [Fact]
    public void A_new_incarnation_waits_until_the_old_one_is_removed()
    {
        var again = Node('b', uid: 2);

        var (outcome, state) = Of(A.Up(), B.Up()).SeenFrom(A).Join(again, []);

        outcome.ShouldBe(JoinOutcome.NewIncarnation);
        state.Gossip.Has(again).ShouldBeFalse();
        state.Gossip.Find(B).Status.ShouldBe(MemberStatus.Down);
        state.Gossip.Reachability.Status(A, B).ShouldBe(ReachabilityStatus.Terminated);
        var removed = LeaderRound.Play(state, MinimumMembers.One, Nobody);
        removed.State.Gossip.Has(B).ShouldBeFalse();
        removed.State.Join(again, []).Outcome.ShouldBe(JoinOutcome.Added);
    }

    [Fact]
    public void Who_is_on_its_way_out_takes_in_nobody() =>
        Of(A.Is(MemberStatus.Exiting), B.Up()).SeenFrom(A).Join(C, []).Outcome.ShouldBe(JoinOutcome.Refused);

    [Fact]
    public void Leaving_and_downing_change_each_member_once()
    {
        var state = Of(A.Up(), B.Up()).SeenFrom(A);

        var leaving = state.Leave(B.Address);
        leaving.Gossip.Find(B).Status.ShouldBe(MemberStatus.Leaving);
        leaving.Leave(B.Address).ShouldBeSameAs(leaving);
        state.Leave(C.Address).ShouldBeSameAs(state);
        var down = leaving.Down(B.Address);
        down.Gossip.Find(B).Status.ShouldBe(MemberStatus.Down);
        down.Gossip.Seen.ShouldBe([A]);
        down.Down(B.Address).ShouldBeSameAs(down);
    }

    [Fact]
    public void What_the_failure_detector_says_is_written_down_once()
    {
        var state = Of(A.Up(), B.Up(), C.Up()).SeenFrom(A);

        var (missed, lost, _) = state.Observe(address => address != B.Address);
        lost.Select(member => member.UniqueAddress).ShouldBe([B]);
        missed.Gossip.Reachability.IsReachable(B).ShouldBeFalse();
        missed.Observe(address => address != B.Address).State.ShouldBeSameAs(missed);

        var (back, _, found) = missed.Observe(_ => true);
        found.Select(member => member.UniqueAddress).ShouldBe([B]);
        back.Gossip.Reachability.IsAllReachable.ShouldBeTrue();
        back.Gossip.Version.CompareTo(missed.Gossip.Version).ShouldBe(VectorClock.Ordering.After);
    }

    [Fact]
    public void The_quarantined_stay_missed_whatever_the_failure_detector_says()
    {
        var state = Of(A.Up(), B.Up()).SeenFrom(A).Terminate(B);

        state.Observe(_ => true).State.ShouldBeSameAs(state);
        state.Terminate(C).ShouldBeSameAs(state);
    }

    [Fact]
    public void No_member_goes_back()
    {
        foreach (var from in Enum.GetValues<MemberStatus>())
            foreach (var to in Enum.GetValues<MemberStatus>())
                if (to.Rank() < from.Rank()) Should.Throw<InvalidOperationException>(() => A.Is(from).Copy(to));
    }
}
