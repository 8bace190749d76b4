// The topology of hocon/routers.conf with a stock Linux (LGUEST_LINUX=on): routing daemons that nobody of us wrote find their neighbours
// over our lines, and find the other way when one line is cut. What the hosts see is printed; that the frames took these ways is in the
// recordings.

using System.Buffers.Binary;
using System.Net;
using System.Text;
using Lguest.Host.Programs;
using Lguest.Host.Tests.Programs;
using Lguest.Topology.Tests;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class RoutersSpec(ITestOutputHelper report) : IDisposable
{
    private const int FileHeader = 24; // of a pcap file
    private const int RecordHeader = 16;
    private const int AddressesAt = 26;
    private const int FrameOfIPv4 = 34;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lguest-routers-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public async Task Routers_find_each_other_and_the_way_round_a_line_that_is_cut()
    {
        StockLinux.Want();
        string file = Path.Combine(_folder.FullName, "routers.conf");
        const string Neighbours = """
            until [ $(vtysh -c "show ip ospf neighbor" | grep -c Full/) = 2 ]; do sleep 1; done
            echo two neighbours are full
            """;

        // As shipped, but recorded, and the two other routers tell of their neighbours as well.
        await File.WriteAllTextAsync(file, $$""""
            include "{{Path.Combine(ShippedTopologiesSpec.Folder(), "routers.conf")}}"
            lguest.lans.direct.pcap = "{{_folder}}/direct.pcap"
            lguest.lans.west-north.pcap = "{{_folder}}/north.pcap"
            lguest.guests.east-router.run = ${lguest.defaults.guest.run}"""{{Neighbours}}
            """
            lguest.guests.north-router.run = ${lguest.defaults.guest.run}"""{{Neighbours}}
            """
            """");
        using var output = new MemoryStream();
        var error = new StringWriter();

        int code = await Task.Run(() => UpProgram.Run(new UpOptions(file), Stream.Null, output, error, () => null)).WaitAsync(_patience);

        string printed = Encoding.UTF8.GetString(output.ToArray());
        report.WriteLine($"{printed}\n{error}");
        StockLinux.SkipWithoutApt(code == 2, $"{error}");
        code.ShouldBe(0);
        string[] lines = printed.ReplaceLineEndings("\n").Split('\n');
        lines.Count(line => line.StartsWith("[west-router]", StringComparison.Ordinal) && line.Contains(" Full/", StringComparison.Ordinal))
            .ShouldBe(2);
        foreach (string other in (string[])["east-router", "north-router"])
            printed.ShouldContain($"[{other}] two neighbours are full");

        // The script goes on past the second line only when its way leads round by the north. The ways as printed may lack a router: the
        // lines lose frames, and routers do not answer everything.
        string[] ways = printed.Split("and after the direct line is cut:");
        ways.Length.ShouldBe(2);
        ways[0].ShouldContain("cutting the direct line");
        ways[1].ShouldContain("[west-host] 5 packets transmitted, ");
        ways[1].ShouldNotContain(" 0 received");

        // From one moment on the cut line has nothing from its western end, although the eastern one goes on saying hello there; what went
        // over it before goes by the other afterwards, both ways.
        var direct = Recorded("direct.pcap");
        var north = Recorded("north.pcap");
        direct.ShouldContain(packet => packet.From == "10.1.0.2" && packet.To == "10.2.0.2");
        long cut = direct.Last(packet => packet.From is "10.3.0.1" or "10.1.0.2").At;
        direct.ShouldContain(packet => packet.From == "10.3.0.2" && packet.To == "224.0.0.5" && packet.At > cut);
        north.ShouldContain(packet => packet.From == "10.1.0.2" && packet.To == "10.2.0.2" && packet.At > cut);
        long healed = north.First(packet => packet.From == "10.2.0.2" && packet.To == "10.1.0.2" && packet.At > cut).At;
        report.WriteLine($"answers by the other way {(healed - cut) / 1e9:f1} s after the last frame from the west on the direct one");
    }

    /// <summary>The IPv4 packets of a recording.</summary>
    private List<(long At, string From, string To)> Recorded(string name)
    {
        var found = new List<(long, string, string)>();
        int length;
        for (var rest = File.ReadAllBytes(Path.Combine(_folder.FullName, name)).AsSpan(FileHeader);
            !rest.IsEmpty;
            rest = rest[(RecordHeader + length)..])
        {
            long at = (BinaryPrimitives.ReadUInt32LittleEndian(rest) * 1_000_000_000L) + BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            length = BinaryPrimitives.ReadInt32LittleEndian(rest[8..]);
            var frame = rest.Slice(RecordHeader, length);
            if (length >= FrameOfIPv4 && frame[12] == 8 && frame[13] == 0)
                found.Add((at, Address(frame[AddressesAt..]), Address(frame[(AddressesAt + 4)..])));
        }

        return found;
    }

    private static string Address(ReadOnlySpan<byte> bytes) => new IPAddress(bytes[..4]).ToString();
}
