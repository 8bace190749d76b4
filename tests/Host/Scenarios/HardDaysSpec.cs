// The days on which it would be easy to run a Guest twice or to forget one, with real processes and real signals.

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class HardDaysSpec
{
    private const string Topology = Scenario.Workers + "\nlguest.guests.stayer.on-node-loss = down";

    [Fact]
    public async Task When_a_node_is_killed_it_is_seen_within_ten_seconds_and_its_guests_fate_follows_their_policy()
    {
        await using var rack = Scenario.Start(Topology, "a", "b", "c");
        await rack.IsSettled();

        var killed = rack.Kill("b");

        ((await rack.Says("node b does not answer", from: "a", after: killed)) - killed)
            .ShouldBeLessThan(TimeSpan.FromSeconds(10), rack.Story);
        await rack.Says("stayer is down with node b", from: "a");
        await rack.Says("mover runs on c, start 2");
        await rack.Prints("mover", "seq=", on: "c", after: killed);
    }

    [Fact]
    public async Task A_node_that_was_stopped_for_half_a_minute_runs_nothing_that_was_started_elsewhere_and_joins_again()
    {
        await using var rack = Scenario.Start(Topology, "a", "b", "c");
        await rack.IsSettled();

        var frozen = rack.Freeze("b");
        var restarted = await rack.Says("mover runs on c, start 2", after: frozen);
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, 30 - (restarted - frozen).TotalSeconds)));
        var thawed = rack.Thaw("b");
        await rack.Says("it joins again", from: "b", after: thawed);
        await rack.Says("node b is up", from: "a", after: thawed);

        // What the process had said before it was stopped may still lie in its pipe; after that there must not be a word.
        rack.SignsOfLife("mover", on: "b").Count(at => at > thawed + Scenario.Pipe).ShouldBe(0, rack.Story);
        await rack.Prints("mover", "seq=", on: "c", after: thawed);
    }

    [Fact]
    public async Task A_node_that_is_interrupted_gives_its_guests_away_and_leaves()
    {
        await using var rack = Scenario.Start(Topology, "a", "b", "c");
        await rack.IsSettled();

        var interrupted = rack.Interrupt("b");

        (await rack.Ends("b")).ShouldBe(0, rack.Story);
        await rack.Says("mover runs on c, start 2", after: interrupted);
    }
}
