// What a Guest behind the router puts on its wire, made by hand: the tests of the ways out send these and no kernel is needed.

using System.Buffers.Binary;
using Lguest.Net.Frames;

namespace Lguest.Net.Tests.Outside;

/// <summary>Frames of one Guest at 10.0.2.15, the first address that the router gives away.</summary>
internal static class GuestFrames
{
    public const uint Ours = 0x0A00020F; // 10.0.2.15
    public static readonly MacAddress Mac = MacAddress.Parse("02:00:00:00:00:0f");
    public static readonly MacAddress Gateway = MacAddress.Parse("52:55:0a:00:02:02");

    /// <summary>Asks who has the gateway's address.</summary>
    public static byte[] Arp()
    {
        byte[] frame = new byte[42];
        MacAddress.Broadcast.Write(frame);
        Mac.Write(frame.AsSpan(6));
        byte[] head = [8, 6, 0, 1, 8, 0, 6, 4, 0, 1];
        head.CopyTo(frame, 12);
        Mac.Write(frame.AsSpan(22));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(28), Ours);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), 0x0A000202);
        return frame;
    }

    /// <summary>A packet to an address, in a frame to the gateway.</summary>
    /// <param name="protocol">As in RFC 790: 1 ICMP, 6 TCP, 17 UDP.</param>
    /// <param name="to">Its destination as a number.</param>
    /// <param name="payload">What is after the IP header.</param>
    /// <param name="checksumAt">Where in the payload a checksum over all of it belongs; -1 for nowhere.</param>
    /// <param name="from">Its source.</param>
    public static byte[] Ip(byte protocol, uint to, byte[] payload, int checksumAt = -1, uint from = Ours)
    {
        byte[] frame = new byte[34 + payload.Length];
        Gateway.Write(frame);
        Mac.Write(frame.AsSpan(6));
        frame[12] = 8;
        var header = frame.AsSpan(14, 20);
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(20 + payload.Length));
        header[8] = 64;
        header[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], from);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], to);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], Sum(header));
        payload.CopyTo(frame, 34);
        if (checksumAt >= 0)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(34 + checksumAt), Sum(frame.AsSpan(34)));
        return frame;
    }

    /// <summary>A UDP datagram without a checksum, which it may be.</summary>
    public static byte[] Datagram(ushort from, ushort to, ReadOnlySpan<byte> content)
    {
        byte[] datagram = new byte[8 + content.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, from);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), to);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        content.CopyTo(datagram.AsSpan(8));
        return datagram;
    }

    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
            sum += (uint)(bytes[i] << 8 | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
