// Guests send what they like. Here they send frames that are almost right, wrong in every way, and by the thousand, through perfect and
// terrible cables, with ports and nodes coming and going: nothing is thrown, nothing grows, and a frame between two well-behaved neighbours
// arrives as it was. LGUEST_FUZZ_CASES sets the number of cases, LGUEST_FUZZ_SEED repeats a run.

using System.Buffers.Binary;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Net.Tests.Lans;

public sealed class FrameFuzzSpec(ITestOutputHelper output)
{
    private const int DefaultCases = 6_000;
    private const int CasesPerLan = 500;
    private static readonly int[] _lengths = [0, 1, 13, 14, 15, 34, 54, 60, 200, 1514, 1515, 1518, 1519, 4000];

    [Fact]
    public void Hostile_frames_are_dropped_or_delivered_and_do_no_harm()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        var (cases, random) = (run.Cases, run.Dice());
        for (int done = 0; done < cases; done += CasesPerLan)
            OneLan(random, Math.Min(CasesPerLan, cases - done));
    }

    private static void OneLan(Random random, int cases)
    {
        var link = random.Next(3) == 0 ? Terrible(random) : null;
        var lan = new TestLan(link, held: 200_000);
        var stations = new List<Station>();
        for (int i = 0; i < 3; i++)
            stations.Add(lan.Port($"hostile{i}", random.Next(2) == 0 ? Terrible(random) : null));
        stations.Add(lan.Switch.AddPeer("peer"));
        for (int i = 0; i < cases; i++)
        {
            var writer = new FrameBatchWriter();
            for (int count = random.Next(1, 6); count > 0; count--)
                writer.Add(Hostile(random));
            lan.Send(stations[random.Next(stations.Count)], writer.Take()!);
            if (random.Next(50) == 0)
                lan.Wait(random.Next(20) * TestLan.Millisecond);
            if (random.Next(100) == 0)
            {
                int place = random.Next(stations.Count);
                lan.Switch.Remove(stations[place]);
                stations[place] = stations[place].IsPeer ? lan.Switch.AddPeer($"peer{i}")
                    : lan.Port($"again{i}", random.Next(2) == 0 ? Terrible(random) : null);
            }
        }

        lan.Wait(10 * TestLan.Second);
        lan.Switch.NextDue.ShouldBe(long.MaxValue);
        stations.Sum(station => station.Addresses.Count).ShouldBeLessThanOrEqualTo(64);

        // A lan whose own cable loses and corrupts lets one of many through as it was; any other lets each one through.
        var (a, b) = (lan.Port("a", mac: Ether.Mac(0x7001)), lan.Port("b", mac: Ether.Mac(0x7002)));
        byte[] innocent = Ether.Bytes(0x7001, 0x7002, 99, length: 777);
        int sends = link is null ? 1 : 200;
        for (int i = 0; i < sends; i++)
        {
            lan.Send(a, innocent);
            lan.Wait(TestLan.Second);
        }

        var arrived = lan.Take(b);
        arrived.Any(frame => frame.SequenceEqual(innocent)).ShouldBeTrue();
        if (link is null)
            arrived.Count.ShouldBe(1);
    }

    private static LinkSettings Terrible(Random random) => new()
    {
        Delay = TimeSpan.FromMilliseconds(random.Next(1, 20)),
        Jitter = TimeSpan.FromMilliseconds(random.Next(2)),
        Loss = random.NextDouble() / 4,
        Duplicate = random.NextDouble() / 4,
        Reorder = random.NextDouble() / 4,
        Corrupt = random.NextDouble() / 2,
        Rate = random.Next(2) * 10_000_000L,
        Seed = random.Next(),
    };

    private static Frame Hostile(Random random)
    {
        bool isCut = random.Next(3) == 0;
        byte[] bytes = new byte[isCut ? random.Next(60, 20_000) : _lengths[random.Next(_lengths.Length)]];
        random.NextBytes(bytes);
        if (bytes.Length >= 14 && random.Next(5) != 0)
            Ether.Bytes(random.Next(1, 300), random.Next(4), 0).AsSpan(0, 12).CopyTo(bytes);
        if (!isCut)
            return new Frame(bytes, random.Next(3) != 0 ? default
                : new FrameOffload(1, 0, 0, 0, (ushort)random.Next(80), (ushort)random.Next(40)));

        // A TCP packet that is right in most things.
        bool is4 = random.Next(2) == 0;
        int transport = is4 ? 34 : 54;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(12), (ushort)(is4 ? 0x0800 : 0x86dd));
        bytes[14] = (byte)(random.Next(8) == 0 ? random.Next(256) : is4 ? 0x45 : 0x60);
        bytes[23] = 6;
        if (bytes.Length > transport + 12)
            bytes[transport + 12] = (byte)(random.Next(8) == 0 ? random.Next(256) : 0x50);
        return new Frame(bytes, new FrameOffload(
            (byte)random.Next(4),
            (SegmentationKind)(random.Next(8) == 0 ? random.Next(256) : is4 ? 1 : 4),
            (ushort)random.Next(200),
            (ushort)(random.Next(8) == 0 ? random.Next(100) : random.Next(1, 1600)),
            (ushort)(random.Next(8) == 0 ? random.Next(65_536) : transport),
            16));
    }
}
