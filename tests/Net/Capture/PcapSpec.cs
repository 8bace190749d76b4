// The bytes of a pcap file, one by one, as the format's description has them: no analyser is at hand when tests run.

using System.Buffers.Binary;
using Lguest.Net.Capture;
using Lguest.Net.Frames;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Capture;

public sealed class PcapSpec
{
    [Fact]
    public void A_file_begins_with_its_magic_version_and_link_type()
    {
        byte[] header = new byte[PcapFormat.FileHeader];
        header.AsSpan().Fill(0xee);
        PcapFormat.WriteFileHeader(header);

        Convert.ToHexString(header).ShouldBe("4D3CB2A1" + "0200" + "0400" + "00000000" + "00000000" + "00000400" + "01000000");
    }

    [Fact]
    public void A_packet_has_its_time_its_length_twice_and_its_bytes()
    {
        var buffer = new PcapBuffer(wallOffset: 1_700_000_000_000_000_000);
        byte[] frame = Ether.Bytes(1, 2, 3);

        buffer.Add(new Frame(frame), now: 5_000_000_001);

        Convert.ToHexString(buffer.Take()).ShouldBe(
            Hex(1_700_000_005) + Hex(1) + Hex(60) + Hex(60) + Convert.ToHexString(frame));
        buffer.Take().ShouldBeEmpty();
    }

    [Fact]
    public void A_batch_is_recorded_frame_by_frame()
    {
        var buffer = new PcapBuffer(0);

        buffer.Add(Ether.Batch(Enumerable.Range(0, 100).Select(i => Ether.Bytes(1, 2, i, 60 + i))), now: 1);

        var records = buffer.Take().AsSpan();
        for (int i = 0; i < 100; i++)
        {
            BinaryPrimitives.ReadInt32LittleEndian(records[8..]).ShouldBe(60 + i);
            records = records[(PcapFormat.RecordHeader + 60 + i)..];
        }

        records.Length.ShouldBe(0);
    }

    [Fact]
    public void Of_a_run_of_records_those_are_whole_that_end_within_it()
    {
        int[] packets = [0, 5, 0, 60, 0];
        byte[] records = Run(packets);
        for (int length = 0; length <= records.Length; length++)
            PcapFormat.WholeRecords(records, length).ShouldBe(Ends(packets).Last(end => end <= length), $"of {length} bytes");
    }

    [Fact]
    public void Of_a_file_its_header_and_those_records_are_whole_that_end_within_it_however_long_it_is()
    {
        // Longer together than what is read at once, with a record across that end, one that ends there, the longest one, and an empty one
        // as the last.
        int[] packets = [0, 60, 262_144 - 24 - 16 - 76 - 8, 100, 262_144 - 16 - 16, 0, 1 << 20, 0];
        byte[] header = new byte[PcapFormat.FileHeader];
        PcapFormat.WriteFileHeader(header);
        byte[] file = [.. header, .. Run(packets)];
        long[] ends = [.. Ends(packets).Select(end => end + PcapFormat.FileHeader)];
        foreach (long end in ends)
        {
            foreach (int beyond in (int[])[-17, -16, -1, 0, 1, 15, 16, 17])
            {
                int length = (int)Math.Clamp(end + beyond, 0, file.Length);
                using MemoryStream stream = new(file, 0, length);
                PcapFormat.WholeFile(stream).ShouldBe(ends.LastOrDefault(one => one <= length), $"of {length} bytes");
            }
        }

        // One byte more than a first-generation Guest can send at once.
        file = [.. header, .. Run([(1 << 20) + 1])];
        Should.Throw<IOException>(() => PcapFormat.WholeFile(new MemoryStream(file))).Message.ShouldContain("damaged at byte 24");
    }

    /// <summary>Where the records of such packets end, and where the first begins.</summary>
    private static IEnumerable<long> Ends(int[] packets) =>
        Enumerable.Range(0, packets.Length + 1).Select(count => packets.Take(count).Sum(bytes => (long)bytes + 16));

    private static byte[] Run(int[] packets)
    {
        var buffer = new PcapBuffer(0);
        foreach (int bytes in packets)
            buffer.Add(new Frame(new byte[bytes]), now: 0);
        return buffer.Take();
    }

    private static string Hex(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Convert.ToHexString(bytes);
    }
}
