// The leader's rules one by one: what it says, what it asks again and when, and what becomes of a Guest by each way of ending. The file is
// long because each rule has its own test.

using Lguest.Topology.Leading;

namespace Lguest.Topology.Tests;

public sealed partial class TopologyStateSpec
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    [Fact]
    public void A_node_that_the_file_does_not_name_is_told_of_and_gets_nothing()
    {
        var state = Running();
        state.MemberUp("x", _now);
        state.Reported(Nothing("x"), _now);
        state.MemberGone("x", _now);
        Take(state);

        Said().ShouldBe(["node 'x' has joined but is not in test.conf; it gets no Guests"]);
        _orders.Count.ShouldBe(1);
    }

    [Fact]
    public void A_node_that_is_up_is_asked_what_it_has_and_again_every_two_seconds()
    {
        var state = Leader();
        state.MemberUp("a", _now);
        Take(state);
        Said().ShouldBe(["node a is up"]);
        Asked().ShouldBe(["a"]);

        TickAt(state, _now + _patience - _tick);
        Asked().ShouldBeEmpty();
        TickAt(state, _now + _patience);
        Asked().ShouldBe(["a"]);
        TickAt(state, _now + _patience + _patience - _tick);
        Asked().ShouldBeEmpty();
        TickAt(state, _now + _patience + _patience);
        Asked().ShouldBe(["a"]);

        state.Reported(Nothing("a"), _now);
        TickAt(state, _now + TimeSpan.FromMinutes(1));
        Asked().ShouldBeEmpty("it has answered");
    }

    [Fact]
    public void A_node_with_another_file_is_told_of_once_and_not_asked_again()
    {
        var state = Leader();
        state.MemberUp("c", _now);
        state.Reported(Nothing("c") with { Digest = "other" }, _now);
        state.Reported(Nothing("c") with { Digest = "other" }, _now);
        Take(state);
        Said().ShouldBe(
        [
            "node c is up",
            "node c has read another topology than test.conf, and gets no Guests; give all nodes the same file and environment variables",
        ]);
        TickAt(state, _now + TimeSpan.FromMinutes(1));
        Asked().ShouldBeEmpty();
    }

    [Fact]
    public void That_it_waits_for_nodes_is_said_once()
    {
        var state = Leader();
        Up(state, "a", "b");
        Pass(state, 5);

        Said().Where(text => text.StartsWith("waiting", StringComparison.Ordinal))
            .ShouldBe(["waiting for 3 nodes before Guests are placed"]);
        state.IsLeading.ShouldBeFalse();
        state.Term.ShouldBe(0);
        state.Renew("a", _now, _now, "a").ShouldBeFalse("who does not lead gives no leases");
    }

    [Fact]
    public void A_start_is_repeated_after_two_seconds_and_then_every_two_until_that_very_start_is_answered()
    {
        var state = Leader();
        Up(state, "a", "b", "c");
        _orders.Clear();
        state.Started("two", 2);
        state.Started("three", 1);
        TickAt(state, _now + _patience - _tick);
        Starts().ShouldBeEmpty();
        TickAt(state, _now + _patience);
        Starts().ShouldBe([("one", "a", 1), ("two", "b", 1)]);
        TickAt(state, _now + _patience + _patience - _tick);
        Starts().ShouldBeEmpty();

        state.Started("one", 1);
        TickAt(state, _now + _patience + _patience);
        Starts().ShouldBe([("two", "b", 1)]);
    }

    [Fact]
    public void Each_placing_is_shared_before_the_order_to_start()
    {
        var state = Leader();
        Up(state, "a", "b", "c");

        var kinds = _orders.Select(order => order.GetType().Name).Where(name => name is "Share" or "Start").ToList();
        kinds.ShouldBe(["Share", "Share", "Start", "Share", "Start", "Share", "Start"]);
    }

    [Fact]
    public void A_restart_waits_for_its_delay_to_the_tick()
    {
        var state = Running();
        state.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        TickAt(state, _now + TimeSpan.FromSeconds(1) - _tick);
        Starts().ShouldBeEmpty();
        TickAt(state, _now + TimeSpan.FromSeconds(1));
        Starts().ShouldBe([("three", "c", 2)]);
    }

    [Fact]
    public void A_guest_of_a_lost_node_starts_its_delay_after_the_last_lease_and_not_before()
    {
        var state = Running();
        Lease(state, "a", "b", "c");
        var safe = _now + TimeSpan.FromSeconds(4 + 1);
        state.MemberGone("b", _now);
        Take(state);
        Said().ShouldBe(["node b is lost"]);
        TickAt(state, safe - _tick);
        Starts().ShouldBeEmpty();
        TickAt(state, safe);
        Starts().ShouldBe([("two", "a", 2)]);
    }

    [Fact]
    public void A_guest_whose_node_was_lost_long_after_its_lease_waits_for_its_delay_alone()
    {
        var state = Running();
        Lease(state, "a", "b", "c");
        _now += TimeSpan.FromSeconds(60);
        state.MemberGone("b", _now);
        TickAt(state, _now + TimeSpan.FromSeconds(1) - _tick);
        Starts().ShouldBeEmpty();
        TickAt(state, _now + TimeSpan.FromSeconds(1));
        Starts().ShouldBe([("two", "a", 2)]);
    }

    [Theory]
    [InlineData("PoweredOff", "", "Off")]
    [InlineData("PoweredOff", "on-power-off = restart", "Waiting")]
    [InlineData("PoweredOff", "on-death = restart", "Off")]
    [InlineData("Died", "", "Down")]
    [InlineData("Died", "on-death = restart", "Waiting")]
    [InlineData("Died", "on-power-off = restart", "Down")]
    [InlineData("Died", "on-death = restart, most-restarts = 0", "Down")]
    [InlineData("Stopped", "on-death = restart, on-power-off = restart", "Down")]
    [InlineData("Refused", "on-death = restart, on-power-off = restart", "Down")]
    public void What_becomes_of_a_guest_that_ended_is_its_policy(string how, string policy, string stage)
    {
        string text = $"lguest {{ nodes.a {{ }}, guests {{ g {{ {policy} }}, other {{ }} }} }}";
        var state = new TopologyState(TopologyTexts.Read(text), Digest, _now);
        Up(state, "a");
        state.Ended("a", Ending("g", 1, Enum.Parse<EndingKind>(how)), _now);

        var entry = state.Entries.First();
        entry.Stage.ToString().ShouldBe(stage);
        entry.Text.ShouldBe(how);
        entry.Restarts.ShouldBe(stage == "Waiting" ? 1 : 0);
        entry.Incarnation.ShouldBe(1);
    }

    [Theory]
    [InlineData("PoweredOff", "Off", 0)]
    [InlineData("Stopped", "Off", 0)]
    [InlineData("Died", "Down", 1)]
    [InlineData("Refused", "Down", 1)]
    public void While_all_is_stopped_nothing_is_restarted_and_a_death_counts(string how, string stage, int code)
    {
        var state = new TopologyState(TopologyTexts.Read("""
            lguest { nodes.a { }, guests.g { on-death = restart, on-power-off = restart } }
            """), Digest, _now);
        Up(state, "a");
        state.StopAll("Ctrl-C", _now);
        state.Ended("a", Ending("g", 1, Enum.Parse<EndingKind>(how)), _now);
        Take(state);

        state.Entries.Single().Stage.ToString().ShouldBe(stage);
        _orders.OfType<Order.Finish>().ShouldHaveSingleItem().ExitCode.ShouldBe(code);
        state.IsFinished.ShouldBeTrue();
    }

    [Fact]
    public void One_guest_that_is_down_makes_the_exit_code_one()
    {
        var state = Running();
        state.Ended("a", Ending("one", 1), _now);
        state.Ended("b", Ending("two", 1, EndingKind.Died), _now);
        state.Ended("c", Ending("three", 1), _now);
        Take(state);

        _orders.OfType<Order.Finish>().ShouldHaveSingleItem().ExitCode.ShouldBe(1);
    }

    [Fact]
    public void A_guest_that_was_restarted_often_enough_stays_down_and_that_is_said()
    {
        var state = Running();
        for (int incarnation = 1; incarnation <= 3; incarnation++)
        {
            var (node, at) = (state.Entries.Last().Node, state.Entries.Last().Incarnation);
            state.Ended(node, Ending("three", at, EndingKind.Died), _now);
            Pass(state, 1.1);
        }

        Said().ShouldBe(["three stays down: it was restarted 2 times"]);
        state.Entries.Last().ShouldSatisfyAllConditions(
            entry => entry.Stage.ShouldBe(GuestStage.Down),
            entry => entry.Restarts.ShouldBe(2),
            entry => entry.Text.ShouldBe("Died"));
    }

    [Fact]
    public void What_the_lives_of_a_guest_did_is_added_up()
    {
        var state = Running();
        var figures = new GuestFigures(1, 2, 3, 4, 5, 6, 7, TimeSpan.FromSeconds(8));
        state.Ended("c", Ending("three", 1, EndingKind.Died) with { Figures = figures }, _now);
        Pass(state, 1.1);
        state.Ended("c", Ending("three", 2, EndingKind.Died) with { Figures = figures }, _now);

        state.Entries.Last().Figures.ShouldBe(new GuestFigures(2, 4, 6, 8, 10, 12, 14, TimeSpan.FromSeconds(16)));
    }

    [Theory]
    [InlineData("b", "one", 1)]
    [InlineData("a", "one", 2)]
    [InlineData("a", "nobody", 1)]
    public void An_end_that_is_not_the_one_expected_is_acknowledged_and_changes_nothing(string node, string guest, int incarnation)
    {
        var state = Running();
        var before = state.Ledger;
        state.Ended(node, Ending(guest, incarnation), _now);
        Take(state);

        _orders.ShouldBe([new Order.Noted(node, guest, incarnation)]);
        state.Ledger.Version.ShouldBe(before.Version);
    }

    [Fact]
    public void Who_does_not_lead_yet_acknowledges_no_end()
    {
        var state = Leader();
        state.Ended("a", Ending("one", 1), _now);

        state.TakeOrders().ShouldBeEmpty();
    }

    [Fact]
    public void Stopping_is_said_once_and_guests_that_wait_are_off()
    {
        var state = Running();
        state.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        state.StopAll("Ctrl-C", _now);
        state.StopAll("SIGTERM", _now);
        Take(state);

        Said().ShouldBe(["stopping, because of Ctrl-C"]);
        _orders.OfType<Order.Stop>().Distinct()
            .ShouldBe([new Order.Stop("a", "one", 1, "Ctrl-C"), new Order.Stop("b", "two", 1, "Ctrl-C")]);
        state.Entries.Last().ShouldSatisfyAllConditions(
            entry => entry.Stage.ShouldBe(GuestStage.Off),
            entry => entry.Text.ShouldBe("not started again, because of Ctrl-C"));
    }

    [Fact]
    public void Guests_that_do_not_stop_are_waited_for_until_the_time_limit_to_the_tick()
    {
        var state = Running();
        state.StopAll("Ctrl-C", _now);
        TickAt(state, _now + TimeSpan.FromSeconds(3) - _tick);
        _orders.OfType<Order.Finish>().ShouldBeEmpty();
        state.IsFinished.ShouldBeFalse();
        TickAt(state, _now + TimeSpan.FromSeconds(3));
        _orders.OfType<Order.Finish>().ShouldHaveSingleItem().ExitCode.ShouldBe(1);
        state.IsFinished.ShouldBeTrue();

        TickAt(state, _now + TimeSpan.FromMinutes(1));
        _orders.ShouldBeEmpty("what is finished does nothing more");
    }

    [Fact]
    public void A_guest_that_finds_no_room_is_told_of_once_until_it_has_found_some()
    {
        var state = new TopologyState(TopologyTexts.Read("""
            lguest { nodes { a { guests = 1 } }, guests { first { on-death = restart }, second { } } }
            """), Digest, _now);
        Up(state, "a");
        Pass(state, 1);
        Said().Where(text => text.StartsWith("second", StringComparison.Ordinal))
            .ShouldBe(["second waits: no node where it may run has room for it"]);
        _orders.Clear();

        state.Ended("a", Ending("first", 1, EndingKind.Died), _now);
        Take(state);
        Starts().ShouldBe([("second", "a", 1)]);
        Pass(state, 2);
        Said().ShouldBe(["first waits: no node where it may run has room for it"]);
    }

    [Fact]
    public void A_leaving_node_gets_no_guests_and_one_that_may_not_move_is_down_with_it()
    {
        var state = Running();
        state.Leave("nobody", _now);
        state.Leave("a", _now);
        Take(state);
        _orders.OfType<Order.Stop>().Distinct().ShouldBe([new Order.Stop("a", "one", 1, "the leader: node a leaves")]);
        _orders.Clear();

        state.Ended("a", Ending("one", 1, EndingKind.Stopped), _now);
        state.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        state.Ended("b", Ending("two", 1), _now);
        Pass(state, 1.1);
        Said().ShouldBe(["one is down with node a"]);
        state.Entries.First().Text.ShouldBe("node a was lost");
        Starts().ShouldBe([("three", "b", 2)], "a leaves, and b has nothing left");
        state.MemberGone("a", _now);
        Take(state);
        Said().ShouldContain("node a has left");
    }

    [Fact]
    public void A_guest_that_may_not_be_restarted_is_down_with_its_node_and_so_all_is_over_at_once()
    {
        var state = new TopologyState(
            TopologyTexts.Read("lguest { nodes { a { }, b { } }, guests.g { node = b, most-restarts = 0 } }"), Digest, _now);
        Up(state, "a", "b");
        _orders.Clear();
        state.MemberGone("b", _now);
        Take(state);

        Said().ShouldBe(["node b is lost", "g stays down: it was restarted 0 times"]);
        state.Entries.Single().Text.ShouldBe("node b was lost");
        _orders.TakeLast(2).ShouldBe([new Order.Share(), new Order.Finish(1)], "everybody has the ledger before it ends");
    }

    [Fact]
    public void A_guest_that_was_never_placed_is_nowhere_and_one_that_starts_again_has_no_reason_to_be_down()
    {
        Leader().Entries.First().ShouldBe(new GuestEntry("one", 0, GuestStage.Waiting, "", 0, "", GuestFigures.None));

        var state = Running();
        state.Ended("c", Ending("three", 1, EndingKind.Died), _now);
        Pass(state, 1.1);
        state.Entries.Last().ShouldSatisfyAllConditions(
            entry => entry.Stage.ShouldBe(GuestStage.Placed),
            entry => entry.Text.ShouldBe(""));
    }

    private List<string> Said() => [.. _orders.OfType<Order.Say>().Select(say => say.Text)];

    private List<string> Asked() => [.. _orders.OfType<Order.AskReport>().Select(ask => ask.Node)];

    /// <summary>One look at the clock, and only the orders of that.</summary>
    private void TickAt(TopologyState state, TimeSpan now)
    {
        state.TakeOrders();
        _orders.Clear();
        state.Tick(now);
        Take(state);
    }
}
