// Guests of the first generation on a page that they share, as a user has them: a topology with a lan of kind dma, on one node, on two, and
// on two in two processes. There is no switch: on one node the bytes are copied from Guest to Guest, across nodes they are sent.

using Lguest.Host.Tests.Programs;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class SharedPageSpec
{
    private const string Yard = """
        lguest {
          name = yard
          nodes.left { }
          lans.yard { kind = dma, pcap = yard.pcap }
          defaults.guest { kernel = "builtin:puppy1", lans = [yard] }
          guests {
            one { node = left, arguments = "ip=%address%/24 script=ping %peers% -w 600 -c 2000 -i 0 -W 5000 -q; poweroff" }
            two { node = SECOND, service = on, arguments = "ip=%address%/24 script=sleep 1000000" }
          }
        }
        """;

    [Theory, InlineData(1), InlineData(2)]
    public async Task Two_thousand_pings_over_a_shared_page_in_one_process_and_across_two_and_none_is_lost(int processes)
    {
        string[] nodes = ["left", "right"];
        string topology = Yard.Replace("SECOND", nodes[processes - 1], StringComparison.Ordinal)
            + (processes > 1 ? "\nlguest.nodes.right { }" : "");
        await using var rack = Scenario.Start(topology, nodes[..processes]);

        await rack.Prints("one", "ping 10.0.0.2: 2000 sent, 2000 received, 0% loss", on: "left");
        await rack.Says("two on " + nodes[processes - 1] + " stopped by the end of the Guests that it serves");

        foreach (string node in nodes[..processes])
            (await rack.Ends(node)).ShouldBe(0, rack.Story);

        // Each echo and its answer, and whatever else was needed, is in the table at the end and, with a header of 16 bytes after one of
        // 24, in the recording of each node.
        foreach (string guest in (string[])["one", "two"])
            EndTableText.Figure(rack.Story.Split('\n'), guest, "frames").ShouldBeInRange(4000, 4100, rack.Story);
        foreach (string file in processes == 1 ? (string[])["yard.pcap"] : ["yard.left.pcap", "yard.right.pcap"])
            new FileInfo(rack.PathOf(file)).Length.ShouldBeGreaterThan(24 + (4000 * (16 + 42)), file);
    }
}
