// Does the work that a driver left to its network device (FrameOffload): for a receiver whose driver does not accept such frames, and
// before a link that limits, drops or corrupts frames as on a cable.

using System.Buffers.Binary;

namespace Lguest.Net.Frames;

/// <summary>Makes ordinary frames of those that are not finished.</summary>
public static class OffloadCompletion
{
    /// <summary>Bytes of payload per segment, at least: a packet cut into single bytes would become seventy times as large. Linux does not
    /// go lower
    /// either (tcp_min_snd_mss).</summary>
    public const int SmallestSegment = 48;

    private const int EtherTypeAt = 12;
    private const int EtherTypeIp4 = 0x0800;
    private const int EtherTypeIp6 = 0x86dd;
    private const int EtherTypeVlan = 0x8100;
    private const int Ip4Shortest = 20;
    private const int Ip6Header = 40;
    private const int ProtocolTcp = 6;
    private const int TcpShortest = 20;
    private const int TcpChecksumAt = 16;
    private const int UdpChecksumAt = 6;
    private const byte TcpFinish = 0x01;
    private const byte TcpPush = 0x08;
    private const byte TcpReduced = 0x80;

    /// <summary>Appends the frame, finished: with its checksum made, and cut into segments where that was left to do (TCP over IPv4 or
    /// IPv6). A frame with nothing
    /// left to do is appended as it is.</summary>
    /// <param name="frame">A frame whose offsets lie inside it.</param>
    /// <param name="into">Gets one or more frames with nothing left to do. Its <see cref="FrameBatchWriter.HasRoom"/> is not asked: 64 KiB
    /// become a
    /// little more.</param>
    /// <param name="longest">The longest frame that may come of it.</param>
    /// <returns>False, and nothing appended, if the frame is not what its offload says.</returns>
    public static bool Complete(Frame frame, FrameBatchWriter into, int longest = Frame.LongestOrdinary)
    {
        if (frame.Offload.Segmentation != SegmentationKind.None)
            return Cut(frame, into, longest);
        if (frame.Offload.IsNothing)
        {
            into.Add(frame);
            return true;
        }

        int start = frame.Offload.ChecksumStart, at = start + frame.Offload.ChecksumOffset;
        if (at + sizeof(ushort) > frame.Length)
            return false;
        var finished = into.Add(frame.Length);
        frame.Bytes.CopyTo(finished);
        WriteChecksum(finished[at..], InternetChecksum.Add(finished[start..]), frame.Offload.ChecksumOffset == UdpChecksumAt);
        return true;
    }

    private static bool Cut(Frame frame, FrameBatchWriter into, int longest)
    {
        var whole = frame.Bytes;
        var kind = frame.Offload.Segmentation & ~SegmentationKind.Ecn;
        int network = Frame.HeaderLength, transport = frame.Offload.ChecksumStart, size = frame.Offload.SegmentSize;
        if (whole.Length < Frame.HeaderLength + Frame.VlanTag + Ip4Shortest || size < SmallestSegment)
            return false;
        int type = BinaryPrimitives.ReadUInt16BigEndian(whole[EtherTypeAt..]);
        if (type == EtherTypeVlan)
        {
            network += Frame.VlanTag;
            type = BinaryPrimitives.ReadUInt16BigEndian(whole[(EtherTypeAt + Frame.VlanTag)..]);
        }

        bool isIp4 = kind == SegmentationKind.Tcp4 && type == EtherTypeIp4;
        if (!isIp4 && !(kind == SegmentationKind.Tcp6 && type == EtherTypeIp6))
            return false;
        if (transport + TcpShortest > whole.Length || transport < network + (isIp4 ? Ip4Shortest : Ip6Header))
            return false;
        if (isIp4 && (network + ((whole[network] & 0xf) * 4) != transport || whole[network + 9] != ProtocolTcp))
            return false;
        int headers = transport + ((whole[transport + 12] >> 4) * 4);
        if (headers < transport + TcpShortest || headers > whole.Length || headers + size > longest)
            return false;

        var payload = whole[headers..];
        int count = Math.Max(1, (payload.Length + size - 1) / size);
        for (int i = 0; i < count; i++)
        {
            var part = payload.Slice(i * size, Math.Min(size, payload.Length - i * size));
            var segment = into.Add(headers + part.Length);
            whole[..headers].CopyTo(segment);
            part.CopyTo(segment[headers..]);
            if (isIp4)
                FinishIp4(segment[network..], i);
            else
                BinaryPrimitives.WriteUInt16BigEndian(segment[(network + 4)..], (ushort)(segment.Length - network - Ip6Header));
            FinishTcp(segment, network, transport, isIp4, i * size, isFirst: i == 0, isLast: i == count - 1);
        }

        return true;
    }

    /// <summary>Length, identification and checksum of an IPv4 header (RFC 791, 3.1).</summary>
    private static void FinishIp4(Span<byte> packet, int index)
    {
        var header = packet[..((packet[0] & 0xf) * 4)];
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(header[4..]) + index));
        header[10] = header[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Of(header));
    }

    /// <summary>Sequence number, flags and checksum of a TCP segment (RFC 9293, 3.1): what ends the stream is said by the last segment
    /// only, the reduced
    /// window (RFC 3168) by the first.</summary>
    private static void FinishTcp(Span<byte> segment, int network, int transport, bool isIp4, int offset, bool isFirst, bool isLast)
    {
        var tcp = segment[transport..];
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) + (uint)offset);
        if (!isLast)
            tcp[13] &= unchecked((byte)~(TcpFinish | TcpPush));
        if (!isFirst)
            tcp[13] &= unchecked((byte)~TcpReduced);
        tcp[TcpChecksumAt] = tcp[TcpChecksumAt + 1] = 0;
        ulong sum = InternetChecksum.Add(isIp4 ? segment.Slice(network + 12, 8) : segment.Slice(network + 8, 32), ProtocolTcp
            + (ulong)tcp.Length);
        WriteChecksum(tcp[TcpChecksumAt..], InternetChecksum.Add(tcp, sum), isUdp: false);
    }

    private static void WriteChecksum(Span<byte> at, ulong sum, bool isUdp)
    {
        ushort checksum = InternetChecksum.Finish(sum);
        // UDP says with 0 that there is none, and with all ones what would be 0 (RFC 768).
        BinaryPrimitives.WriteUInt16BigEndian(at, checksum == 0 && isUdp ? ushort.MaxValue : checksum);
    }
}
