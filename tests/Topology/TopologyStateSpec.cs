// The leader's decisions, minute by minute, without a cluster: who is placed where, what becomes of whom, and the days on which it would be
// easy to run a Guest twice.

using System.Collections.Immutable;
using Lguest.Topology.Leading;

namespace Lguest.Topology.Tests;

public sealed partial class TopologyStateSpec
{
    private const string Digest = "d";
    private static readonly TopologyDefinition _three = TopologyTexts.Read("""
        lguest {
          nodes { a { }, b { }, c { } }
          guests {
            one { node = a, on-node-loss = down }
            two { }
            three { on-death = restart, most-restarts = 2 }
          }
        }
        """);

    private readonly List<Order> _orders = [];
    private TimeSpan _now = TimeSpan.FromSeconds(1000);

    [Fact]
    public void Nobody_is_started_before_enough_nodes_are_up_and_have_reported()
    {
        var state = Leader();
        Up(state, "a", "b");
        Starts().ShouldBeEmpty();
        _orders.OfType<Order.Say>().ShouldContain(say => say.Text.Contains("waiting for 3 nodes"));

        state.MemberUp("c", _now);
        Take(state);
        Starts().ShouldBeEmpty("c has not said what it has");

        state.Reported(Nothing("c"), _now);
        Take(state);
        Starts().ShouldBe([("one", "a", 1), ("two", "b", 1), ("three", "c", 1)]);
        _orders.OfType<Order.Lead>().Select(lead => lead.Node).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void A_start_is_repeated_until_it_is_answered()
    {
        var state = Leader();
        Up(state, "a", "b", "c");
        state.Started("one", 1);
        _orders.Clear();
        Pass(state, 2.1);

        Starts().Select(start => start.Guest).ShouldBe(["two", "three"]);
    }

    [Fact]
    public void The_topology_is_finished_when_everybody_is_off()
    {
        var state = Running();
        state.Ended("a", Ending("one", 1), _now);
        state.Ended("b", Ending("two", 1), _now);
        Take(state);
        _orders.OfType<Order.Finish>().ShouldBeEmpty();
        state.Ended("c", Ending("three", 1), _now);
        Take(state);

        _orders.OfType<Order.Finish>().ShouldHaveSingleItem().ExitCode.ShouldBe(0);
        _orders.OfType<Order.Noted>().Count().ShouldBe(3);
    }

    [Fact]
    public void A_guest_that_dies_is_restarted_as_often_as_its_policy_says_and_no_more()
    {
        var state = Running();
        string node = "c";
        for (int incarnation = 1; incarnation <= 2; incarnation++)
        {
            state.Ended(node, Ending("three", incarnation, EndingKind.Died), _now);
            _orders.Clear();
            Pass(state, 0.5);
            Starts().ShouldBeEmpty("the pause is a second");
            Pass(state, 1);
            (_, node, int started) = Starts().ShouldHaveSingleItem();
            started.ShouldBe(incarnation + 1);
        }

        state.Ended(node, Ending("three", 3, EndingKind.Died), _now);
        state.Entries.Single(entry => entry.Guest == "three").Stage.ShouldBe(GuestStage.Down);
    }

    [Fact]
    public void A_guest_whose_only_node_fails_again_and_again_is_restarted_as_often_as_its_policy_says_and_no_more()
    {
        var topology = TopologyTexts.Read("lguest { nodes.a { }, guests.g { most-restarts = 2, restart-delay = 0ms } }");
        var ledger = Ledger.Empty;
        ImmutableArray<GuestEnding> lost = [];
        for (int life = 1; life <= 4; life++)
        {
            // The leader is new each time: it went with the node.
            var state = new TopologyState(topology, Digest, _now);
            _orders.Clear();
            state.MemberUp("a", _now);
            state.Reported(new NodeReport("a", Digest, ledger.Term, ledger, [], lost), _now);
            Take(state);
            Pass(state, 1);

            Starts().Count.ShouldBe(life <= 3 ? 1 : 0);
            ledger = state.Ledger;
            lost = [Ending("g", life, EndingKind.Lost)];
            state.IsFinished.ShouldBe(life == 4);
        }

        ledger.Entries.ShouldHaveSingleItem().Stage.ShouldBe(GuestStage.Down);
    }

    [Fact]
    public void After_the_loss_of_a_node_its_guests_fate_follows_their_policy_and_nobody_is_restarted_before_the_lease_is_over()
    {
        var state = Running();
        Lease(state, "a", "b", "c");
        var granted = _now;
        Pass(state, 1);
        state.MemberGone("b", _now);
        Take(state);
        _orders.Clear();

        while (_now < granted + TimeSpan.FromSeconds(4))
        {
            Starts().ShouldBeEmpty($"b may still run it {(_now - granted).TotalSeconds} s after its last lease");
            Pass(state, 0.25);
        }

        Pass(state, 1.5);
        Starts().ShouldHaveSingleItem().ShouldBe(("two", "a", 2));

        state.MemberGone("a", _now);
        Take(state);
        state.Entries.Single(entry => entry.Guest == "one").ShouldSatisfyAllConditions(
            entry => entry.Stage.ShouldBe(GuestStage.Down),
            entry => entry.Text.ShouldBe("node a was lost"));
    }

    [Fact]
    public void What_a_node_was_told_and_never_got_is_told_again()
    {
        var ledger = Running().Ledger;
        var next = Leader();
        foreach (string node in (string[])["a", "b", "c"])
            next.MemberUp(node, _now);
        next.Reported(new NodeReport("a", Digest, 1, ledger, [("one", 1)], []), _now);
        next.Reported(new NodeReport("b", Digest, 1, ledger, [], []), _now);
        next.Reported(new NodeReport("c", Digest, 1, ledger, [("three", 1)], []), _now);
        Take(next);

        Starts().ShouldHaveSingleItem().ShouldBe(("two", "b", 2));
    }

    [Fact]
    public void A_guest_that_runs_where_it_does_not_belong_any_more_is_stopped()
    {
        var state = Running();
        state.MemberGone("b", _now);
        Pass(state, 10);
        state.Started("two", 2);
        _orders.Clear();

        state.MemberUp("b", _now);
        state.Reported(new NodeReport("b", Digest, 1, Ledger.Empty, [("two", 1)], []), _now);
        Take(state);

        _orders.OfType<Order.Stop>().ShouldHaveSingleItem().ShouldBe(new Order.Stop("b", "two", 1, "the leader: it belongs elsewhere"));
    }

    [Fact]
    public void Word_of_an_older_life_changes_nothing()
    {
        var state = Running();
        state.MemberGone("b", _now);
        Pass(state, 10);

        state.Ended("b", Ending("two", 1), _now);

        state.Entries.Single(entry => entry.Guest == "two").ShouldSatisfyAllConditions(
            entry => entry.Stage.ShouldBe(GuestStage.Placed),
            entry => entry.Incarnation.ShouldBe(2));
    }

    [Fact]
    public void Stopping_stops_guests_first_and_then_finishes()
    {
        var state = Running();
        _orders.Clear();
        state.StopAll("Ctrl-C", _now);
        Take(state);
        _orders.OfType<Order.Stop>().Select(stop => stop.Guest).ShouldBe(["one", "two", "three"], ignoreOrder: true);
        _orders.OfType<Order.Finish>().ShouldBeEmpty();

        foreach (var (guest, node) in (IEnumerable<(string, string)>)[("one", "a"), ("two", "b"), ("three", "c")])
            state.Ended(node, Ending(guest, 1, EndingKind.Stopped), _now);
        Take(state);

        _orders.OfType<Order.Finish>().ShouldHaveSingleItem().ExitCode.ShouldBe(0);
        Starts().ShouldBeEmpty();
    }

    [Fact]
    public void A_service_is_stopped_when_nobody_is_left_to_serve()
    {
        var state = new TopologyState(TopologyTexts.Read("lguest { nodes.a { }, guests { user { }, server { service = on } } }"), Digest,
            _now);
        Up(state, "a");
        state.Ended("a", Ending("user", 1), _now);
        Take(state);
        _orders.OfType<Order.Stop>().Distinct().ShouldBe([new Order.Stop("a", "server", 1, "the end of the Guests that it serves")]);
        state.Ended("a", Ending("server", 1, EndingKind.Stopped), _now);
        Take(state);

        _orders.OfType<Order.Finish>().ShouldHaveSingleItem().ExitCode.ShouldBe(0);
    }

    [Fact]
    public void A_node_that_leaves_gives_its_guests_away_first()
    {
        var state = Running();
        _orders.Clear();
        state.Leave("b", _now);
        Take(state);
        _orders.OfType<Order.Stop>().Select(stop => stop.Guest).Distinct().ShouldBe(["two"]);
        _orders.OfType<Order.MayLeave>().ShouldBeEmpty();

        state.Ended("b", Ending("two", 1, EndingKind.Stopped), _now);
        Take(state);
        _orders.OfType<Order.MayLeave>().ShouldNotBeEmpty();
        Pass(state, 1.1);
        Starts().ShouldHaveSingleItem().ShouldBe(("two", "a", 2));
    }

    [Fact]
    public void A_node_with_another_file_gets_nothing()
    {
        var state = Leader();
        Up(state, "a", "b");
        state.MemberUp("c", _now);
        state.Reported(Nothing("c") with { Digest = "other" }, _now);
        Take(state);

        _orders.OfType<Order.Say>().ShouldContain(say => say.Text.Contains("node c has read another topology"));
        Starts().ShouldBeEmpty();
    }

    private static GuestEnding Ending(string guest, int incarnation, EndingKind kind = EndingKind.PoweredOff) =>
        new(guest, incarnation, kind, kind.ToString(), GuestFigures.None);

    private static NodeReport Nothing(string node) => new(node, Digest, 0, Ledger.Empty, [], []);

    private TopologyState Leader()
    {
        _orders.Clear();
        return new TopologyState(_three, Digest, _now);
    }

    private TopologyState Running()
    {
        var state = Leader();
        Up(state, "a", "b", "c");
        foreach (var (guest, _, incarnation) in Starts())
            state.Started(guest, incarnation);
        _orders.Clear();
        return state;
    }

    private void Up(TopologyState state, params string[] nodes)
    {
        foreach (string node in nodes)
        {
            state.MemberUp(node, _now);
            state.Reported(Nothing(node), _now);
        }

        Take(state);
    }

    private void Lease(TopologyState state, params string[] nodes)
    {
        foreach (string node in nodes)
            state.Renew(node, _now, _now, "a");
        foreach (string node in nodes)
            state.Renew(node, _now, _now, "a").ShouldBeTrue();
    }

    private void Pass(TopologyState state, double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end;)
        {
            _now += TimeSpan.FromMilliseconds(50);
            state.Tick(_now);
        }

        Take(state);
    }

    private void Take(TopologyState state) => _orders.AddRange(state.TakeOrders());

    private List<(string Guest, string Node, int Incarnation)> Starts() =>
        [.. _orders.OfType<Order.Start>().Select(start => (start.Guest, start.Node, start.Incarnation)).Distinct()];
}
