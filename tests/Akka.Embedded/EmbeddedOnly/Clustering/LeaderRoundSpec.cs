// The leader's round: who is moved on, who is struck out, and when it must wait.

using System.Collections.Immutable;
using Akka.Cluster;
using Akka.Cluster.Membership;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class LeaderRoundSpec
{
    [Fact]
    public void The_joining_come_up_each_with_the_next_number()
    {
        var round = LeaderRound.Play(Of(A.Up(3), B.Is(MemberStatus.Joining), C.Is(MemberStatus.WeaklyUp)).SeenFrom(A), MinimumMembers.One, Nobody);

        round.State.Gossip.Members.Select(member => (member.Status, member.UpNumber)).ShouldBe([(MemberStatus.Up, 3), (MemberStatus.Up, 4), (MemberStatus.Up, 5)]);
        round.State.Gossip.Find(A).IsOlderThan(round.State.Gossip.Find(B)).ShouldBeTrue();
    }

    [Fact]
    public void Nobody_comes_up_before_there_are_enough_in_all_and_of_each_role()
    {
        var gossip = Of(A.Is(MemberStatus.Joining), B.Is(MemberStatus.Joining));

        LeaderRound.Play(gossip.SeenFrom(A), new MinimumMembers(3, ImmutableDictionary<string, int>.Empty), Nobody).HasChanged.ShouldBeFalse();
        var minimum = new MinimumMembers(1, ImmutableDictionary<string, int>.Empty.Add("disk", 1));
        LeaderRound.Play(gossip.SeenFrom(A), minimum, Nobody).HasChanged.ShouldBeFalse();
        LeaderRound.Play(gossip.With(Member.Create(C, ["disk"])).SeenFrom(A), minimum, Nobody).Moved.Count.ShouldBe(3);
    }

    [Fact]
    public void The_leaving_become_exiting_and_the_oldest_hear_of_it_first()
    {
        var round = LeaderRound.Play(
            Of(A.Up(4), B.Up(2), C.Up(1), D.Up(3, "disk")).With(new Member(E, 5, MemberStatus.Leaving, ["disk"])).SeenFrom(A), MinimumMembers.One, Nobody);

        round.NowExiting.Select(member => member.UniqueAddress).ShouldBe([E]);
        round.FirstToHear().ShouldBe([C, B, D, E]);
    }

    [Fact]
    public void The_dying_that_are_missed_or_have_confirmed_are_struck_out_with_all_that_names_them()
    {
        var gossip = Of(A.Up(), B.Is(MemberStatus.Down), C.Is(MemberStatus.Exiting), D.Is(MemberStatus.Exiting))
            .WithReachability(Reachability.Empty.Unreachable(A, B).Unreachable(C, B));
        gossip = gossip.WithVersion(gossip.Version.Increment(B).Increment(C));

        var round = LeaderRound.Play(gossip.SeenFrom(A), MinimumMembers.One, Nobody.Add(C));

        round.Unreachable.Select(member => member.UniqueAddress).ShouldBe([B]);
        round.Confirmed.Select(member => member.UniqueAddress).ShouldBe([C]);
        round.State.Gossip.Members.Select(member => member.UniqueAddress).ShouldBe([A, D]);
        round.State.Gossip.Reachability.IsAllReachable.ShouldBeTrue();
        round.State.Gossip.Version.Versions.Keys.ShouldBe([A]);
    }

    [Fact]
    public void A_leader_that_lets_itself_go_signs_nothing_more()
    {
        var round = LeaderRound.Play(Of(A.Is(MemberStatus.Leaving), B.Up()).SeenFrom(A), MinimumMembers.One, Nobody);

        round.SelfIsExiting.ShouldBeTrue();
        round.State.Gossip.Seen.ShouldBeEmpty();
    }

    [Fact]
    public void Without_convergence_only_those_that_can_be_reached_come_weakly_up()
    {
        var gossip = Of(A.Up(), B.Is(MemberStatus.Joining), C.Is(MemberStatus.Joining), D.Up())
            .WithReachability(Reachability.Empty.Unreachable(A, C).Unreachable(A, D));

        LeaderRound.PlayWithoutConvergence(gossip.SeenFrom(A), MinimumMembers.One).Moved.Select(member => member.UniqueAddress).ShouldBe([B]);
    }
}
