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

    private static string Hex(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Convert.ToHexString(bytes);
    }
}
