// The rule of the majority on every kind of split: uneven, even, with members that are coming or going, with links that work in part.

using Akka.Cluster;
using Akka.Cluster.Membership;
using Akka.Cluster.SBR;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class KeepMajoritySpec
{
    private static readonly Member[] _five = [A.Up(1), B.Up(2), C.Up(3), D.Up(4), E.Up(5)];
    private static readonly KeepMajority _rule = new(null);

    [Fact]
    public void The_larger_side_downs_the_smaller_and_the_smaller_downs_itself()
    {
        Decide(_five, here: [A, B, C], there: [D, E]).ShouldBe(Decision.DownUnreachable, D, E);
        Decide(_five, here: [D, E], there: [A, B, C]).ShouldBe(Decision.DownReachable, D, E);
    }

    [Fact]
    public void Of_equal_halves_the_one_with_the_lowest_address_stays()
    {
        Decide(_five[..4], here: [A, D], there: [B, C]).ShouldBe(Decision.DownUnreachable, B, C);
        Decide(_five[..4], here: [B, C], there: [A, D]).ShouldBe(Decision.DownReachable, B, C);
        Decide(_five[..2], here: [B], there: [A]).ShouldBe(Decision.DownReachable, B);
    }

    [Fact]
    public void Only_members_of_the_role_count_but_all_go_with_their_side()
    {
        Member[] members = [A.Up(1), B.Up(2), C.Up(3, "disk"), D.Up(4, "disk"), E.Up(5, "disk")];

        Decide(members, here: [A, B, C], there: [D, E], new KeepMajority("disk")).ShouldBe(Decision.DownReachable, A, B, C);
    }

    [Fact]
    public void Members_that_the_other_side_may_count_already_make_it_safer_to_end_all()
    {
        Member[] members = [A.Up(1), B.Up(2), C.Up(3), D.Is(MemberStatus.Joining), E.Is(MemberStatus.Joining)];

        Decide(members, here: [A, B], there: [C, D, E]).Decision.ShouldBe(Decision.DownAll);
    }

    [Fact]
    public void Members_that_may_be_gone_already_do_not_make_a_majority() =>
        Decide([A.Up(1), B.Up(2), C.Is(MemberStatus.Leaving), D.Up(4), E.Up(5)], here: [C, D, E], there: [A, B]).Decision.ShouldBe(Decision.DownAll);

    [Fact]
    public void Those_that_miss_each_other_and_yet_hear_the_gossip_go()
    {
        var table = Reachability.Empty.Unreachable(D, E).Unreachable(E, D);
        var view = View(_five, [D, E], table) with { SeenBy = [.. _five.Select(member => member.Address)] };

        _rule.Decide(view).ShouldBe(Decision.DownIndirectlyConnected);
        _rule.NodesToDown(view, Decision.DownIndirectlyConnected).ShouldBe([D, E], ignoreOrder: true);
    }

    [Fact]
    public void A_clean_split_beside_them_is_decided_as_well()
    {
        var table = Reachability.Empty.Unreachable(B, C).Unreachable(C, B).Unreachable(A, E).Unreachable(B, E).Unreachable(C, E).Unreachable(D, E);
        var view = View(_five, [B, C, E], table) with { SeenBy = [A.Address, B.Address, C.Address, D.Address] };

        _rule.NodesToDown(view, _rule.Decide(view)).ShouldBe([B, C, E], ignoreOrder: true);
    }

    [Fact]
    public void The_two_sides_of_any_split_never_both_stay()
    {
        var random = new Random(6);
        for (var i = 0; i < 2000; i++)
        {
            var statuses = _five.Select(member => member.UniqueAddress.Is((MemberStatus)new[] { 0, 1, 1, 1, 2, 6 }[random.Next(6)], random.Next(1, 6))).ToArray();
            var cut = random.Next(1, 31);
            var here = _five.Where((_, index) => (cut >> index & 1) == 1).Select(member => member.UniqueAddress).ToArray();
            var there = _five.Select(member => member.UniqueAddress).Except(here).ToArray();

            var left = Decide(statuses, here, there);
            var right = Decide(statuses, there, here);

            (here.Except(left.Down).Any() && there.Except(right.Down).Any()).ShouldBeFalse(string.Join(", ", statuses.AsEnumerable()));
        }
    }

    private static Outcome Decide(Member[] members, UniqueAddress[] here, UniqueAddress[] there, KeepMajority? rule = null)
    {
        rule ??= _rule;
        var table = here.SelectMany(_ => there, (observer, subject) => (observer, subject))
            .Aggregate(Reachability.Empty, (table, pair) => table.Unreachable(pair.observer, pair.subject));
        var view = View(members, there, table) with { SeenBy = [.. here.Select(node => node.Address)] };
        var decision = rule.Decide(view);
        return new Outcome(decision, [.. rule.NodesToDown(view, decision).Order()]);
    }

    private static SplitBrainView View(Member[] members, UniqueAddress[] unreachable, Reachability table) =>
        members.Aggregate(SplitBrainView.Empty, (view, member) => view.Add(member)) with { Unreachable = [.. unreachable], Reachability = table };

    private sealed record Outcome(Decision Decision, UniqueAddress[] Down)
    {
        internal void ShouldBe(Decision decision, params UniqueAddress[] down)
        {
            Decision.ShouldBe(decision);
            Down.ShouldBe(down);
        }
    }
}
