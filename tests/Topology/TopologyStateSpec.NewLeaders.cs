// A new leader has only what the nodes report: which of two lives it believes, which it stops, what it calls lost, and what its number is.

using Lguest.Topology.Leading;

namespace Lguest.Topology.Tests;

public sealed partial class TopologyStateSpec
{
    [Fact]
    public void Guests_that_nobody_knows_are_stopped_wherever_they_run()
    {
        var state = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            state.MemberUp(node, _now);
        state.Reported(Nothing("a"), _now);
        state.Reported(Nothing("b"), _now);
        state.Reported(Nothing("c") with { Running = [("unknown", 4)] }, _now);
        Take(state);

        _orders.OfType<Order.Stop>().ShouldBe([new Order.Stop("c", "unknown", 4, "the leader: it belongs elsewhere")]);
    }

    [Theory]
    [InlineData(1, "b", 1, "c", 1)]
    [InlineData(2, "c", 2, "b", 1)]
    [InlineData(3, "c", 3, "b", 1)]
    public void A_new_leader_believes_the_later_of_two_lives_and_stops_the_other(
        int running, string at, int incarnation, string stoppedAt, int stopped)
    {
        // The ledger has the Guest on b in its first life; c says that it runs there in the first, the second, or the third.
        var ledger = Running().Ledger;
        var next = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            next.MemberUp(node, _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [("two", 1)], []), _now);
        next.Reported(new NodeReport("c", Digest, 1, ledger, [("three", 1), ("two", running)], []), _now);
        Take(next);

        var entry = next.Entries.ElementAt(1);
        (entry.Node, entry.Incarnation, entry.Stage).ShouldBe((at, incarnation, GuestStage.Placed));
        _orders.OfType<Order.Stop>().ShouldBe([new Order.Stop(stoppedAt, "two", stopped, "the leader: it belongs elsewhere")]);
    }

    [Fact]
    public void A_new_leader_starts_nothing_before_it_has_looked_at_what_every_node_runs()
    {
        // The newest copy of the ledger calls the Guest waiting; b runs its next life. An end that a node before b reports must not make
        // the leader act on half of what it was told.
        var old = Running();
        old.Ended("b", Ending("two", 1, EndingKind.Lost), _now);
        var ledger = old.Ledger;
        ledger.Entries.Single(entry => entry.Guest == "two").Stage.ShouldBe(GuestStage.Waiting);
        var next = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            next.MemberUp(node, _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], [Ending("three", 1, EndingKind.Died)]), _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [("two", 2)], []), _now);
        next.Reported(Nothing("c"), _now);
        Take(next);

        Starts().ShouldBeEmpty();
        _orders.OfType<Order.Stop>().ShouldBeEmpty();
        var entry = next.Entries.ElementAt(1);
        (entry.Node, entry.Incarnation, entry.Stage).ShouldBe(("b", 2, GuestStage.Placed));
    }

    [Fact]
    public void A_new_leader_does_not_finish_before_it_has_looked_at_what_every_node_runs()
    {
        // In the ledger all but one are over, and that one ended on a; c still runs what the ledger takes for down.
        var old = Running();
        old.Ended("b", Ending("two", 1), _now);
        old.Ended("c", Ending("three", 1, EndingKind.Refused), _now);
        var next = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            next.MemberUp(node, _now);
        next.Reported(new NodeReport("a", Digest, 1, old.Ledger, [], [Ending("one", 1)]), _now);
        next.Reported(Nothing("b"), _now);
        next.Reported(Nothing("c") with { Running = [("three", 1)] }, _now);
        Take(next);

        next.IsFinished.ShouldBeFalse();
        _orders.OfType<Order.Finish>().ShouldBeEmpty();
    }

    [Fact]
    public void A_new_leaders_number_is_one_above_all_that_anybody_has_heard_of()
    {
        var state = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            state.MemberUp(node, _now);
        state.Reported(Nothing("a") with { Term = 4 }, _now);
        state.Reported(Nothing("b") with { Term = 9 }, _now);
        state.Reported(Nothing("c") with { Term = 2 }, _now);

        state.Term.ShouldBe(10);
        state.Ledger.Term.ShouldBe(10);
    }

    [Theory]
    [InlineData(1, 5, 1, 4, true)]
    [InlineData(1, 4, 1, 4, false)]
    [InlineData(1, 3, 1, 4, false)]
    [InlineData(2, 0, 1, 4, true)]
    [InlineData(1, 9, 2, 0, false)]
    public void The_newer_ledger_is_the_later_leaders_and_of_one_leader_the_later(
        long term, long version, long otherTerm, long other, bool isNewer) =>
        new Ledger(term, version, []).IsNewerThan(new Ledger(otherTerm, other, [])).ShouldBe(isNewer);

    [Fact]
    public void Only_the_first_report_of_a_member_counts()
    {
        var state = Running();
        state.Reported(Nothing("a") with { Running = [("unknown", 1)] }, _now);
        state.Reported(Nothing("stranger") with { Running = [("unknown", 1)] }, _now);

        state.TakeOrders().ShouldBeEmpty();
    }

    [Fact]
    public void Where_anybody_has_something_a_leader_does_not_wait_for_the_nodes_of_a_first_start()
    {
        var state = Leader();
        state.MemberUp("a", _now);
        state.MemberUp("b", _now);
        state.Reported(Nothing("a"), _now);
        state.Reported(Nothing("b") with { Running = [("two", 3)] }, _now);
        Take(state);

        state.IsLeading.ShouldBeTrue();
        state.Entries.ElementAt(1).ShouldSatisfyAllConditions(
            entry => entry.Node.ShouldBe("b"),
            entry => entry.Incarnation.ShouldBe(3));
    }

    [Fact]
    public void A_life_that_the_ledger_calls_over_and_that_runs_is_taken_for_running()
    {
        var old = Running();
        old.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        var ledger = old.Ledger;
        ledger.Entries.Single(entry => entry.Guest == "three").Stage.ShouldBe(GuestStage.Waiting);
        var next = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            next.MemberUp(node, _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [("two", 1)], []), _now);
        next.Reported(new NodeReport("c", Digest, 1, ledger, [("three", 1)], []), _now);
        Take(next);

        Starts().ShouldBeEmpty();
        next.Entries.Last().Stage.ShouldBe(GuestStage.Placed);
    }

    [Fact]
    public void A_new_leader_says_which_nodes_were_lost_and_starts_when_no_promise_of_the_old_one_can_be_good()
    {
        var ledger = Running().Ledger;
        var next = Leader();
        next.MemberUp("a", _now);
        next.MemberUp("c", _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("c", Digest, 1, ledger, [("three", 1)], []), _now);
        Take(next);
        Said().ShouldBe(["node a is up", "node c is up", "node b is lost"]);

        TickAt(next, _now + TimeSpan.FromSeconds(5) - _tick);
        Starts().ShouldBeEmpty();
        TickAt(next, _now + TimeSpan.FromSeconds(5));
        Starts().ShouldBe([("two", "a", 2)], "a lease of four seconds and a delay of one");
    }

    [Fact]
    public void A_node_that_has_heard_of_no_later_leader_is_told_of_this_one_and_nobody_else_is()
    {
        var state = Running();
        state.MemberGone("c", _now);
        Take(state);
        _orders.Clear();
        state.MemberUp("c", _now);
        state.Reported(Nothing("c") with { Term = 1 }, _now);
        Take(state);

        state.Term.ShouldBe(1);
        _orders.OfType<Order.Lead>().ShouldBe([new Order.Lead("c")]);
    }

    [Fact]
    public void Each_change_makes_a_later_version_of_the_ledger()
    {
        var state = Running();
        var versions = new List<long> { state.Ledger.Version };
        state.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        versions.Add(state.Ledger.Version);
        Pass(state, 1.1);
        versions.Add(state.Ledger.Version);

        versions.ShouldBeInOrder(SortDirection.Ascending);
        versions.Distinct().Count().ShouldBe(3);
        versions[0].ShouldBe(3, "three Guests were placed");
    }
}
