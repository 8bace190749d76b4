// What a network card would have done must come out the same here: each segment a valid packet, and their payloads, put together again,
// what the Guest sent.

using System.Buffers.Binary;
using Lguest.Net.Frames;

namespace Lguest.Net.Tests.Frames;

public sealed class OffloadCompletionSpec
{
    private const int Ip4 = 14;
    private const int Tcp4 = 34;
    private const int Tcp6 = 54;
    private const byte Flags = 0x80 | 0x10 | 0x08 | 0x01;

    [Theory]
    [InlineData(1460, 40_000)]
    [InlineData(1448, 1448)]
    [InlineData(1000, 1001)]
    [InlineData(48, 333)]
    [InlineData(500, 0)]
    public void A_large_TCP_packet_becomes_segments_that_are_valid_and_complete(int largest, int payload)
    {
        foreach (bool is4 in new[] { true, false })
        {
            int size = is4 ? largest : Math.Min(largest, 1440);
            byte[] sent = Packet(is4, payload);
            var segments = Complete(new Frame(sent, new FrameOffload(
                1, is4 ? SegmentationKind.Tcp4 : SegmentationKind.Tcp6, 0, (ushort)size, (ushort)(is4 ? Tcp4 : Tcp6), 16)));
            int transport = is4 ? Tcp4 : Tcp6;

            segments.Count.ShouldBe(Math.Max(1, (payload + size - 1) / size));
            segments.SelectMany(segment => segment[(transport + 20)..]).ShouldBe(sent[(transport + 20)..]);
            for (int i = 0; i < segments.Count; i++)
            {
                byte[] segment = segments[i];
                segment.Length.ShouldBeLessThanOrEqualTo(transport + 20 + size);
                BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(transport + 4)).ShouldBe((uint)(0xffff_ff00 + i * size));
                segment[transport + 13].ShouldBe((byte)(Flags & ~(i == 0 ? 0 : 0x80) & ~(i == segments.Count - 1 ? 0 : 0x09)));
                TransportSum(segment, is4, transport, 6).ShouldBe((ushort)0);
                if (is4)
                {
                    InternetChecksum.Of(segment.AsSpan(Ip4, 20)).ShouldBe((ushort)0);
                    BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(Ip4 + 2)).ShouldBe((ushort)(segment.Length - 14));
                    BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(Ip4 + 4)).ShouldBe((ushort)(0xfffe + i));
                }
                else
                {
                    BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(Ip4 + 4)).ShouldBe((ushort)(segment.Length - 54));
                }
            }
        }
    }

    [Fact]
    public void A_missing_checksum_is_made()
    {
        byte[] sent = Packet(is4: true, 101);
        // The driver leaves the sum of the pseudo header in the checksum's place.
        ulong pseudo = InternetChecksum.Add(sent.AsSpan(26, 8), 6ul + (ulong)(sent.Length - Tcp4));
        BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(Tcp4 + 16), (ushort)~InternetChecksum.Finish(pseudo));

        byte[] finished = Complete(new Frame(sent, new FrameOffload(1, SegmentationKind.None, 0, 0, Tcp4, 16))).ShouldHaveSingleItem();

        TransportSum(finished, is4: true, Tcp4, 6).ShouldBe((ushort)0);
    }

    [Fact]
    public void A_UDP_checksum_is_never_zero()
    {
        // A payload for which the sum comes out as all ones: its complement would be 0, which for UDP means "none".
        byte[] frame = new byte[14 + 20 + 8 + 2];
        ulong pseudoAndHeader = InternetChecksum.Add(frame.AsSpan(34, 8));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(42), InternetChecksum.Finish(pseudoAndHeader));

        byte[] finished = Complete(new Frame(frame, new FrameOffload(1, SegmentationKind.None, 0, 0, 34, 6))).ShouldHaveSingleItem();

        BinaryPrimitives.ReadUInt16BigEndian(finished.AsSpan(40)).ShouldBe(ushort.MaxValue);
    }

    [Fact]
    public void A_frame_with_nothing_to_do_stays_as_it_is()
    {
        byte[] frame = Ether.Bytes(1, 2, 3);

        Complete(new Frame(frame)).ShouldHaveSingleItem().ShouldBe(frame);
    }

    [Fact]
    public void A_packet_that_is_not_what_it_says_is_refused()
    {
        byte[] packet = Packet(is4: true, 4000);
        var right = new FrameOffload(1, SegmentationKind.Tcp4, 0, 1000, Tcp4, 16);
        OffloadCompletion.Complete(new Frame(packet, right), new FrameBatchWriter()).ShouldBeTrue();

        foreach (var wrong in new[]
                 {
                     right with { Segmentation = SegmentationKind.Tcp6 }, right with { Segmentation = SegmentationKind.Udp },
                         right with { SegmentSize = 0 },
                     right with { SegmentSize = 47 }, right with { SegmentSize = 1500 }, right with { ChecksumStart = 35 },
                         right with { ChecksumStart = 5000 },
                     right with { ChecksumStart = 0 }, right with { Segmentation = SegmentationKind.None, ChecksumOffset = 40_000 },
                 })
            OffloadCompletion.Complete(new Frame(packet, wrong), new FrameBatchWriter()).ShouldBeFalse(wrong.ToString());
        packet[23] = 17;
        OffloadCompletion.Complete(new Frame(packet, right), new FrameBatchWriter()).ShouldBeFalse();
    }

    [Fact]
    public void The_checksum_of_the_RFC_comes_out() =>
        InternetChecksum.Finish(InternetChecksum.Add([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])).ShouldBe((ushort)0x220d);

    [Fact]
    public void A_checksum_of_any_length_is_that_of_its_words()
    {
        var random = new Random(1);
        for (int length = 0; length < 70; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            uint sum = 0;
            for (int i = 0; i < length; i += 2)
                sum += (uint)(bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0));
            while (sum > 0xffff)
                sum = (sum & 0xffff) + (sum >> 16);

            InternetChecksum.Of(bytes).ShouldBe((ushort)~sum);
        }
    }

    private static List<byte[]> Complete(Frame frame)
    {
        var writer = new FrameBatchWriter();
        OffloadCompletion.Complete(frame, writer).ShouldBeTrue();
        var frames = new List<byte[]>();
        foreach (var one in writer.Take()!)
        {
            one.Offload.IsNothing.ShouldBeTrue();
            frames.Add(one.Bytes.ToArray());
        }

        return frames;
    }

    private static ushort TransportSum(byte[] frame, bool is4, int transport, int protocol) => InternetChecksum.Finish(
        InternetChecksum.Add(frame.AsSpan(transport), InternetChecksum.Add(
            is4 ? frame.AsSpan(26, 8) : frame.AsSpan(22, 32), (ulong)(protocol + frame.Length - transport))));

    /// <summary>A TCP packet without options; sequence number, identification and flags are such that segments must change them.</summary>
    private static byte[] Packet(bool is4, int payload)
    {
        int transport = is4 ? Tcp4 : Tcp6;
        byte[] frame = new byte[transport + 20 + payload];
        new Random(payload).NextBytes(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), (ushort)(is4 ? 0x0800 : 0x86dd));
        frame[Ip4] = (byte)(is4 ? 0x45 : 0x60);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Ip4 + 4), 0xfffe);
        if (is4)
            frame[Ip4 + 9] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(transport + 4), 0xffff_ff00);
        frame[transport + 12] = 0x50;
        frame[transport + 13] = Flags;
        return frame;
    }
}
