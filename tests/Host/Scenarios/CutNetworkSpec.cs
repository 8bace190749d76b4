// A connection that is cut and healed, with real processes and a network that can be cut: for a moment, which must cost no node its place,
// and for so long that the majority goes on alone, which must not make a Guest run twice or be forgotten.

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class CutNetworkSpec
{
    [Fact]
    public async Task A_cut_that_heals_in_time_costs_no_guest_its_place()
    {
        await using var rack = Scenario.StartCuttable(Scenario.Workers + "\nlguest.cluster.stable-after = 60s", "a", "b", "c");
        await rack.IsSettled();

        var cut = rack.CutOff("b");
        await rack.Says("node b does not answer", from: "a", after: cut);
        await rack.Says("node b has no lease: its Guests are paused", from: "b", after: cut);
        var healed = rack.Heal("b");
        await rack.Says("node b answers again", from: "a", after: healed);
        await rack.Says("node b has a lease again: its Guests run on", from: "b", after: healed);

        await rack.Prints("mover", "seq=", on: "b", after: healed + Scenario.Pipe);
        await rack.Prints("stayer", "seq=", on: "b", after: healed + Scenario.Pipe);
        rack.Story.ShouldNotContain("start 2");
        rack.Story.ShouldNotContain("is lost");
    }

    [Fact]
    public async Task Connections_that_break_are_opened_again_and_nobody_is_missed()
    {
        await using var rack = Scenario.StartCuttable(Scenario.Workers, "a", "b", "c");
        await rack.IsSettled();

        var broken = rack.Reset("b");
        await rack.Prints("mover", "seq=", on: "b", after: broken + TimeSpan.FromSeconds(8));

        rack.Story.ShouldNotContain("does not answer");
        rack.Story.ShouldNotContain("are paused");
        rack.Story.ShouldNotContain("start 2");
    }

    [Fact]
    public async Task A_node_that_is_cut_off_for_long_says_why_it_stops_and_its_guests_run_elsewhere_and_never_twice()
    {
        await using var rack = Scenario.StartCuttable(Scenario.Workers, "a", "b", "c");
        await rack.IsSettled();

        var cut = rack.CutOff("b");
        var restarted = await rack.Says("mover runs on c, start 2", after: cut);
        await rack.Prints("mover", "seq=", on: "c", after: cut);
        await rack.Says(
            "node b is out of the cluster: no answer from a, c; its Guests were stopped, and it joins again", from: "b", after: cut);
        await rack.Says("node b waits: no answer from a, c", from: "b", after: cut);
        var healed = rack.Heal("b");
        await rack.Says("node b is up", from: "a", after: healed);

        // Its Guest was told to be on b and nowhere else: it is not forgotten.
        await rack.Says("stayer runs on b, start 2", from: "b", after: healed);
        await rack.Prints("stayer", "seq=", on: "b", after: healed);
        await rack.Prints("mover", "seq=", on: "c", after: healed + Scenario.Pipe);
        rack.SignsOfLife("mover", on: "b").Count(at => at > restarted).ShouldBe(0, rack.Story);
    }

    [Fact]
    public async Task The_first_node_founds_no_cluster_of_its_own_when_it_is_the_one_that_is_cut_off()
    {
        await using var rack = Scenario.StartCuttable(Scenario.Workers
            + "\nlguest.cluster.nodes-to-start = 1\nlguest.guests.stayer.node = a", "a", "b", "c");
        await rack.Prints("stayer", "seq=", on: "a");
        await rack.Prints("mover", "seq=");
        await rack.IsUpEverywhere("b", "mover");
        await rack.IsUpEverywhere("c", "mover");

        var cut = rack.CutOff("a");
        var still = await rack.Says("node a has no lease: its Guests are paused", from: "a", after: cut);
        await rack.Says("node a is lost", after: cut); // by b or c, whichever came first
        await rack.Says("node a waits: no answer from b, c", from: "a", after: cut);
        var healed = rack.Heal("a");
        await rack.SaysOther("node a is up", than: "a", after: healed);
        await rack.Says("stayer runs on a, start 2", from: "a", after: healed);

        rack.SignsOfLife("stayer", on: "a").Count(at => at > still + Scenario.Pipe && at < healed).ShouldBe(0, rack.Story);
        rack.Story.ShouldNotContain("mover runs on a");
    }

    [Fact]
    public async Task A_cluster_that_falls_to_pieces_comes_together_again_and_goes_on_where_it_was()
    {
        await using var rack = Scenario.StartCuttable(Scenario.Workers, "a", "b", "c");
        await rack.IsSettled();

        var cut = rack.CutOff("a");
        rack.CutOff("b");
        foreach (string node in (string[])["a", "b", "c"])
            await rack.Says($"node {node} waits: no answer from", from: node, after: cut);
        rack.Heal("b");
        var healed = rack.Heal("a");

        await rack.Prints("mover", "seq=", after: healed);
        await rack.Prints("stayer", "seq=", on: "b", after: healed);
        await rack.Says("node c is up", after: healed);
        (await rack.Says("stayer runs on b, start 2", from: "b", after: healed)).ShouldBeGreaterThan(healed);
        rack.Story.ShouldNotContain("mover runs on b, start 1");
    }
}
