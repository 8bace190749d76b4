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

    [Theory]
    [InlineData(1464, 1518, 1)]
    [InlineData(1465, 1518, 0)]
    [InlineData(8964, 9018, 1)]
    [InlineData(8965, 9018, 0)]
    public void Segments_are_no_longer_than_a_frame_of_the_lan_may_be(int size, int longest, int frames)
    {
        byte[] sent = Packet(is4: true, size);
        FrameBatchWriter into = new();

        OffloadCompletion.Complete(new Frame(sent, new FrameOffload(1, SegmentationKind.Tcp4, 0, (ushort)size, Tcp4, 16)), into, longest)
            .ShouldBe(frames == 1);

        into.Count.ShouldBe(frames);
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

    [Theory]
    [MemberData(nameof(Headers))]
    public void Tags_and_options_are_in_each_segment_and_a_packet_that_ends_before_its_data_is_refused(
        bool isTagged, bool is4, int ipOptions, int tcpOptions, bool isReduced)
    {
        int network = isTagged ? 18 : 14, transport = network + (is4 ? 20 : 40) + ipOptions, headers = transport + 20 + tcpOptions;
        byte[] sent = Packet(is4, 3000, isTagged, ipOptions, tcpOptions);
        var kind = (is4 ? SegmentationKind.Tcp4 : SegmentationKind.Tcp6) | (isReduced ? SegmentationKind.Ecn : SegmentationKind.None);
        var offload = new FrameOffload(1, kind, 0, 1000, (ushort)transport, 16);

        var segments = Complete(new Frame(sent, offload));
        segments.Count.ShouldBe(3);
        segments.SelectMany(segment => segment[headers..]).ShouldBe(sent[headers..]);
        foreach (byte[] segment in segments)
        {
            segment[..network].ShouldBe(sent[..network]);
            segment[(network + (is4 ? 20 : 40))..transport].ShouldBe(sent[(network + (is4 ? 20 : 40))..transport]);
            segment[(transport + 20)..headers].ShouldBe(sent[(transport + 20)..headers]);
            var addresses = is4 ? segment.AsSpan(network + 12, 8) : segment.AsSpan(network + 8, 32);
            ulong pseudo = InternetChecksum.Add(addresses, 6ul + (ulong)(segment.Length - transport));
            InternetChecksum.Finish(InternetChecksum.Add(segment.AsSpan(transport), pseudo)).ShouldBe((ushort)0);
            if (is4)
                InternetChecksum.Of(segment.AsSpan(network, 20 + ipOptions)).ShouldBe((ushort)0);
            BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(network + (is4 ? 2 : 4)))
                .ShouldBe((ushort)(segment.Length - network - (is4 ? 0 : 40)));
        }

        for (int length = 0; length <= headers; length++)
            OffloadCompletion.Complete(new Frame(sent.AsSpan(0, length), offload), new FrameBatchWriter())
                .ShouldBe(length == headers, $"{length} bytes of headers of {headers}");
    }

    public static TheoryData<bool, bool, int, int, bool> Headers
    {
        get
        {
            var all = new TheoryData<bool, bool, int, int, bool>();
            foreach (bool isTagged in (bool[])[false, true])
                foreach (bool is4 in (bool[])[false, true])
                    foreach (int options in (int[])[0, 4, 40])
                        all.Add(isTagged, is4, options, 40 - options, options == 4);
            return all;
        }
    }

    [Fact]
    public void Headers_that_contradict_what_is_asked_for_are_refused()
    {
        foreach (bool is4 in (bool[])[true, false])
        {
            int transport = is4 ? Tcp4 : Tcp6;
            var right = new FrameOffload(1, is4 ? SegmentationKind.Tcp4 : SegmentationKind.Tcp6, 0, 1000, (ushort)transport, 16);
            Refused(packet => packet[12] = 0x09, "another type");
            Refused(packet => (packet[12], packet[13]) = is4 ? ((byte)0x86, (byte)0xdd) : ((byte)8, (byte)0), "the other IP");
            Refused(packet => (packet[12], packet[13]) = (0x81, 0x00), "a tag, and no IP after it");
            Refused(packet => packet[transport + 12] = 0x40, "a TCP header of sixteen bytes");
            Refused(packet => packet[transport + 12] = 0xf0, "a TCP header longer than the packet", length: transport + 59);
            Refused(_ => { }, "a transport header inside of the IP header", start: transport - 1);
            if (is4)
                Refused(packet => packet[Ip4] = 0x44, "an IP header of sixteen bytes", start: Ip4 + 16);
            if (is4)
                Refused(packet => packet[Ip4] = 0x46, "an IP header that is longer than said");

            void Refused(Action<byte[]> change, string why, int start = -1, int length = 2000)
            {
                byte[] packet = Packet(is4, 4000)[..length];
                change(packet);
                var offload = start < 0 ? right : right with { ChecksumStart = (ushort)start };
                OffloadCompletion.Complete(new Frame(packet, offload), new FrameBatchWriter()).ShouldBeFalse(why);
            }
        }
    }

    [Theory]
    [InlineData(58, true)]
    [InlineData(59, false)]
    [InlineData(60, false)]
    [InlineData(61, false)]
    public void A_checksum_lies_in_its_frame(int at, bool isMade)
    {
        FrameBatchWriter into = new();
        OffloadCompletion.Complete(new Frame(new byte[60], new FrameOffload(1, SegmentationKind.None, 0, 0, 34, (ushort)(at - 34))), into)
            .ShouldBe(isMade);
        into.Count.ShouldBe(isMade ? 1 : 0);
    }

    [Theory]
    [InlineData(16, 0x0000, 0xffff)]
    [InlineData(16, 0xffff, 0x0000)]
    [InlineData(6, 0x0000, 0xffff)]
    [InlineData(6, 0x1234, 0xedcb)]
    [InlineData(6, 0xffff, 0xffff)]
    public void All_ones_stand_for_zero_only_where_the_checksum_is_one_of_UDP(int offset, int sum, int checksum)
    {
        byte[] frame = new byte[60];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(58), (ushort)sum);
        byte[] finished = Complete(new Frame(frame, new FrameOffload(1, SegmentationKind.None, 0, 0, 34, (ushort)offset)))
            .ShouldHaveSingleItem();
        BinaryPrimitives.ReadUInt16BigEndian(finished.AsSpan(34 + offset)).ShouldBe((ushort)checksum);
    }

    [Fact]
    public void The_checksum_of_the_RFC_comes_out() =>
        InternetChecksum.Finish(InternetChecksum.Add([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])).ShouldBe((ushort)0x220d);

    [Theory]
    [InlineData(0ul, 0xffff)]
    [InlineData(0xfffful, 0)]
    [InlineData(0x1_0000ul, 0xfffe)]
    [InlineData(0x1_fffful, 0xfffe)]
    [InlineData(0xffff_0000_0001ul, 0xfffe)]
    public void What_is_carried_out_of_sixteen_bits_is_added_until_nothing_is(ulong sum, int checksum) =>
        InternetChecksum.Finish(sum).ShouldBe((ushort)checksum);

    [Theory]
    [InlineData(0, SegmentationKind.None, true)]
    [InlineData(FrameOffload.DataValid, SegmentationKind.None, true)]
    [InlineData(FrameOffload.NeedsChecksum, SegmentationKind.None, false)]
    [InlineData(FrameOffload.DataValid, SegmentationKind.Tcp4, false)]
    public void Nothing_is_left_to_do_where_neither_a_checksum_nor_a_cut_is(byte flags, SegmentationKind kind, bool isNothing) =>
        new FrameOffload(flags, kind, 0, 0, 0, 0).IsNothing.ShouldBe(isNothing);

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

    /// <summary>A TCP packet; sequence number, identification and flags are such that segments must change them.</summary>
    private static byte[] Packet(bool is4, int payload, bool isTagged = false, int ipOptions = 0, int tcpOptions = 0)
    {
        int network = isTagged ? Ip4 + 4 : Ip4, transport = network + (is4 ? 20 : 40) + ipOptions;
        byte[] frame = new byte[transport + 20 + tcpOptions + payload];
        new Random(payload).NextBytes(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x8100);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(network - 2), (ushort)(is4 ? 0x0800 : 0x86dd));
        frame[network] = (byte)(is4 ? 0x45 + (ipOptions / 4) : 0x60);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(network + 4), 0xfffe);
        if (is4)
            frame[network + 9] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(transport + 4), 0xffff_ff00);
        frame[transport + 12] = (byte)(0x50 + (tcpOptions * 4));
        frame[transport + 13] = Flags;
        return frame;
    }
}
