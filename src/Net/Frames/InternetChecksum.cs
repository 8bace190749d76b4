// The checksum of IP, TCP, UDP and ICMP: RFC 1071.

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lguest.Net.Frames;

/// <summary>The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words, an odd byte padded with
/// zero.</summary>
public static class InternetChecksum
{
    /// <summary>Adds bytes to a sum. Sums of parts that begin at even offsets may be added to each other.</summary>
    /// <param name="bytes">Any length; only the last part may be odd.</param>
    /// <param name="sum">A sum so far.</param>
    public static ulong Add(ReadOnlySpan<byte> bytes, ulong sum = 0)
    {
        // The sum does not care about byte order as long as the result is folded and swapped once, so words are taken as they lie, 32 bits
        // at a time: a
        // 64-bit accumulator takes 2^32 of them.
        ulong words = 0;
        foreach (uint word in MemoryMarshal.Cast<byte, uint>(bytes))
            words += word;
        var rest = bytes[(bytes.Length & ~3)..];
        if (rest.Length >= 2)
            words += MemoryMarshal.Read<ushort>(rest);
        if ((rest.Length & 1) != 0)
            words += MemoryMarshal.Read<ushort>([rest[^1], 0]);
        ushort folded = Fold(words);
        return sum + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded);
    }

    /// <summary>The checksum of a sum, as the number to be written big-endian.</summary>
    public static ushort Finish(ulong sum) => (ushort)~Fold(sum);

    /// <summary>The checksum of some bytes: 0 if they include a right one.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes) => Finish(Add(bytes));

    private static ushort Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }
}
