// The part of the leader's decisions that keeps a Guest from running twice: who may give leases, and what a new leader may start who does
// not know what the old one promised.

using Lguest.Topology.Leading;

namespace Lguest.Topology.Tests;

public sealed partial class TopologyStateSpec
{
    private static readonly TimeSpan _restartDelay = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_leader_grants_leases_only_while_a_majority_has_answered_it()
    {
        var state = Running();
        state.Renew("a", null, _now, "a").ShouldBeFalse("nobody has sent a reading back yet");
        Lease(state, "a", "b", "c");
        state.Renew("a", _now, _now, "a").ShouldBeTrue();

        // Cut off with itself alone: the readings of the others grow old, and with them its right.
        _now += TimeSpan.FromSeconds(3);
        state.Renew("a", _now, _now, "a").ShouldBeTrue();
        _now += TimeSpan.FromSeconds(1.1);
        state.Renew("a", _now, _now, "a").ShouldBeFalse();
    }

    [Fact]
    public void Questions_that_waited_in_a_socket_while_the_leader_was_stopped_prove_nothing()
    {
        var state = Running();
        Lease(state, "a", "b", "c");
        var before = _now;

        _now += TimeSpan.FromSeconds(30);

        state.Renew("b", before, _now, "a").ShouldBeFalse();
        state.Renew("c", before, _now, "a").ShouldBeFalse();
        state.Renew("a", before, _now, "a").ShouldBeFalse();
    }

    [Fact]
    public void Of_two_halves_the_one_with_the_lowest_address_goes_on()
    {
        var leases = new LeaseBook(TimeSpan.FromSeconds(4), _now);

        leases.Answer("a", _now, _now, ["a", "b"], lowest: "a").ShouldBeTrue();
        leases.Answer("a", _now, _now, ["a", "b"], lowest: "b").ShouldBeFalse();
    }

    [Fact]
    public void A_new_leader_goes_on_where_the_old_one_was()
    {
        var old = Running();
        var ledger = old.Ledger;
        var next = Leader();
        next.MemberUp("b", _now);
        next.MemberUp("c", _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [("two", 1)], []), _now);
        Take(next);
        next.IsLeading.ShouldBeFalse("c may run something that nobody else knows of");
        next.Reported(new NodeReport("c", Digest, 1, Ledger.Empty, [], [Ending("three", 1)]), _now);
        Take(next);

        next.Term.ShouldBe(2);
        Starts().ShouldBeEmpty();
        next.Entries.Select(entry => (entry.Guest, entry.Stage))
            .ShouldBe([("one", GuestStage.Down), ("two", GuestStage.Placed), ("three", GuestStage.Off)]);
    }

    [Fact]
    public void A_new_leader_waits_for_the_leases_that_it_does_not_know_of()
    {
        var ledger = Running().Ledger;
        var next = Leader();
        next.MemberUp("a", _now);
        next.MemberUp("c", _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("c", Digest, 1, ledger, [("three", 1)], []), _now);
        Take(next);
        _orders.Clear();

        Pass(next, 3.9);
        Starts().ShouldBeEmpty("b had a lease from the old leader for all that this one knows");
        Pass(next, 1.2);
        Starts().ShouldHaveSingleItem().Guest.ShouldBe("two");
    }

    [Theory]
    [InlineData("a", 5)]
    [InlineData("b", 5)]
    [InlineData("c", 5)]
    [InlineData("a", 4)]
    [InlineData("b", 4)]
    public void When_each_node_is_cut_off_from_all_others_no_guest_is_started_where_another_node_may_still_run_it(
        string next, int stableAfter)
    {
        // The leader is on a. In the same moment everybody loses sight of everybody, and the Guest on c is started anew: on a, of which
        // nobody else hears.
        var old = Running();
        Lease(old, "a", "b", "c");
        var cut = _now;
        var lease = TimeSpan.FromSeconds(4);
        var ends = new Dictionary<string, TimeSpan> { ["a"] = cut + lease, ["b"] = cut + lease, ["c"] = cut + lease };
        var ledger = old.Ledger;
        old.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        var decided = cut + TimeSpan.FromSeconds(stableAfter);
        var running = new Dictionary<string, string> { ["one"] = "a", ["two"] = "b", ["three"] = "a" };

        // a alone goes on asking, and its leader, which is here, goes on answering as long as it may.
        while (_now < decided)
        {
            Pass(old, 0.05);
            if (old.Renew("a", _now, _now, "a"))
                ends["a"] = _now + lease;
        }

        // The cluster takes nobody out before stable-after; the next leader begins at once then, on whichever node, with what that one was
        // told.
        _orders.Clear();
        var state = Leader();
        state.MemberUp(next, _now);
        state.Reported(new NodeReport(next, Digest, 1, ledger, [], []), _now);
        Take(state);
        for (int steps = 0; steps < 400; steps++)
        {
            foreach (var (guest, node, _) in Starts())
                if (node != running[guest])
                    _now.ShouldBeGreaterThanOrEqualTo(ends[running[guest]],
                        $"{guest} runs on {running[guest]} until {(ends[running[guest]] - cut).TotalSeconds} s after the cut and is "
                        + $"started on {node} after {(_now - cut).TotalSeconds} s");
            _orders.Clear();
            Pass(state, 0.05);
        }

        state.Entries.ShouldContain(entry => entry.Guest == "three" && entry.Stage == GuestStage.Placed && entry.Node == next);
    }

    [Fact]
    public void A_Guest_of_a_lost_node_starts_elsewhere_when_the_last_lease_is_over_and_not_a_tick_before()
    {
        var state = Running();
        Pass(state, 10);
        Lease(state, "a", "b", "c");
        state.Renew("b", _now, _now, "a").ShouldBeTrue();
        var over = _now + TimeSpan.FromSeconds(4) + _restartDelay;
        _orders.Clear();

        state.MemberGone("b", _now);
        state.Tick(over - TimeSpan.FromTicks(1));
        Take(state);
        Starts().ShouldBeEmpty();
        state.Tick(over);
        Take(state);

        Starts().ShouldHaveSingleItem().Guest.ShouldBe("two");
    }

    [Fact]
    public void A_new_leader_does_not_wait_for_promises_when_every_node_is_there_and_says_what_it_has()
    {
        var ledger = Running().Ledger;
        var next = Leader();
        next.MemberUp("a", _now);
        next.MemberUp("b", _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [("two", 1)], []), _now);
        Pass(next, 1);
        Starts().ShouldBeEmpty("c may run what only the old leader knew of");

        next = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            next.MemberUp(node, _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [("two", 1)], []), _now);
        next.Reported(Nothing("c"), _now);
        Take(next);

        Starts().ShouldHaveSingleItem().Guest.ShouldBe("three");
    }

    [Fact]
    public void A_leader_that_takes_a_higher_number_because_of_one_node_tells_all_others()
    {
        var state = Running();
        state.MemberGone("c", _now);
        Take(state);
        _orders.Clear();

        state.MemberUp("c", _now);
        state.Reported(Nothing("c") with { Term = 7 }, _now);
        Take(state);

        state.Term.ShouldBe(8);
        _orders.OfType<Order.Lead>().Select(lead => lead.Node).ShouldBe(["a", "b", "c"], ignoreOrder: true);
    }

    [Fact]
    public void The_readings_that_a_node_sent_in_its_former_life_give_nobody_a_majority()
    {
        var state = Running();
        Lease(state, "a", "b", "c");
        state.MemberGone("b", _now);
        state.MemberGone("c", _now);
        state.MemberUp("b", _now);

        state.Renew("a", _now, _now, lowest: "b").ShouldBeFalse("one of two, and not the lowest");
        state.Renew("b", _now, _now, lowest: "b").ShouldBeTrue();
    }

    [Fact]
    public void What_waits_is_started_when_no_promise_of_an_earlier_leader_can_be_good_and_not_a_tick_before()
    {
        var old = Running();
        old.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        var next = Leader();
        next.MemberUp("a", _now);
        next.MemberUp("b", _now);
        next.Reported(new NodeReport("a", Digest, 1, old.Ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("b", Digest, 1, old.Ledger, [("two", 1)], []), _now);

        TickAt(next, _now + TimeSpan.FromSeconds(4) - _tick);
        Starts().ShouldBeEmpty("c may run it");
        TickAt(next, _now + TimeSpan.FromSeconds(4));
        Starts().ShouldHaveSingleItem().Guest.ShouldBe("three");
    }
}
