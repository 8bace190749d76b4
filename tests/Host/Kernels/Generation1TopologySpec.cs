// Two Guests of Linux 2.6.23 as a user has them: a topology with a lan of kind dma, run by `lguest up`, on one node, and with each node in
// a process of its own. LGUEST_KERNELS names the folder with vmlinux-2.6.23 and initrd.gz.

using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Host.Tests.Scenarios;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class Generation1TopologySpec
{
    private const int Pings = 10_000;

    /// <summary>One waits for two and pings it, the next time when the answer is there, and counts what came back and up to which number.
    /// The words after run= are what
    /// the initrd's first process does, with commas for blanks.</summary>
    private const string PingLine = """ping,-Ai60,-c10000,%peers%|awk,-Fseq=,'NF>1{n++;m=$2+0}END{print\"GOT\"n\"/\"m}'""";

    private const string Yard = """
        lguest {
          name = yard
          nodes.left { }
          lans.yard { kind = dma }
          defaults.guest {
            kernel = "KERNELS/vmlinux-2.6.23"
            initrd = "KERNELS/initrd.gz"
            memory = 32M
            lans = [yard]
          }
          guests {
            one {
              node = left
              arguments = "guestip=%address% run=until,ping,-c1,%peers%>/n;do,:;done;PINGS autooff"
            }
            two {
              service = on
              arguments = "guestip=%address%"
            }
          }
        }
        """;

    [SkippableTheory, InlineData(1), InlineData(2)]
    public async Task Ten_thousand_pings_over_a_shared_page_none_lost(int processes)
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", "initrd.gz");
        string[] nodes = ["left", "right"];
        string topology = Yard.Replace("KERNELS", folder, StringComparison.Ordinal).Replace("PINGS", PingLine, StringComparison.Ordinal);
        if (processes > 1)
            topology += "\nlguest.nodes.right { }\nlguest.guests.two.node = right";
        await using var rack = Scenario.Start(topology, nodes[..processes]);
        rack.Patience = TimeSpan.FromMinutes(10);

        await rack.Prints("one", "GOT");
        await rack.Says("one on left powered off");

        foreach (string node in nodes[..processes])
            (await rack.Ends(node)).ShouldBe(0, rack.Story);

        // Whatever was sent has come back, in its order: the last number, and they begin with 0, is the count less one.
        var counts = Counts().Match(rack.Story);
        int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture).ShouldBe(Pings, rack.Story);
        int.Parse(counts.Groups[2].Value, CultureInfo.InvariantCulture).ShouldBe(Pings - 1, rack.Story);
    }

    [GeneratedRegex(@"\[one\] GOT(\d+)/(\d+)")]
    private static partial Regex Counts();
}
