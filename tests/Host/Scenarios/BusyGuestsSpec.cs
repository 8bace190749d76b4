// Guests that compute on every core of the nodes' machine, for as long as LGUEST_BUSY_SECONDS says: beside them heartbeats, gossip and
// leases go on, and nobody is taken for lost.

using System.Globalization;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class BusyGuestsSpec
{
    /// <summary>Each Guest takes the checksum of a file without an end. A node has a thread for each processor but one, so that two of them
    /// keep all busy.</summary>
    private static readonly string _rack = $$"""
        lguest {
          name = busy
          nodes { a { }, b { }, c { } }
          lans.green { }
          defaults.guest { memory = 8M, lans = [green], rng = off }
          guests {
            sums-a { node = a, count = {{Environment.ProcessorCount}}, arguments = "script=echo busy; dd if=/dev/zero bs=65536" }
            sums-b { node = b, count = {{Environment.ProcessorCount}}, arguments = "script=echo busy; dd if=/dev/zero bs=65536" }
            sums-c { node = c, count = {{Environment.ProcessorCount}}, arguments = "script=echo busy; dd if=/dev/zero bs=65536" }
          }
        }
        """;

    private static readonly string[] _nodes = ["a", "b", "c"];

    [Fact]
    public async Task With_every_core_kept_busy_by_guests_no_node_is_missed_and_none_stands_still()
    {
        double seconds = double.TryParse(Environment.GetEnvironmentVariable("LGUEST_BUSY_SECONDS"), CultureInfo.InvariantCulture,
            out double wanted) ? wanted : 8;
        await using var rack = Scenario.Start(_rack, _nodes);
        foreach (string node in _nodes)
            for (int guest = 1; guest <= Environment.ProcessorCount; guest++)
                await rack.Prints(Environment.ProcessorCount == 1 ? $"sums-{node}"
                    : $"sums-{node}-{guest.ToString(CultureInfo.InvariantCulture)}", "busy");
        var before = _nodes.Select(rack.ProcessorTime).ToArray();

        await rack.SaysNothing("does not answer", TimeSpan.FromSeconds(seconds));

        rack.Story.ShouldNotContain("are paused");
        rack.Story.ShouldNotContain("died");
        // That they did compute all the while is seen from outside; how much they get depends on what else the machine has to do.
        foreach (var (node, used) in _nodes.Zip(before))
            (rack.ProcessorTime(node) - used).ShouldBeGreaterThan(TimeSpan.FromSeconds(seconds / 20), rack.Story);
    }
}
