// The last bit of a sine depends on the algorithm of those who built the processor; the manuals promise one unit in the last place.
using System.Buffers.Binary;
using Iced.Intel;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>How far results of the elementary functions may lie apart.</summary>
internal static class Transcendental
{
    /// <summary>One unit on either side of the truth.</summary>
    private const ulong Tolerance = 2;

    public static readonly Mnemonic[] Functions =
    [
        Mnemonic.Fsin, Mnemonic.Fcos, Mnemonic.Fsincos, Mnemonic.Fptan, Mnemonic.Fpatan, Mnemonic.F2xm1, Mnemonic.Fyl2x, Mnemonic.Fyl2xp1,
    ];

    /// <summary>
    /// Whether a result lies on either side of the border to overflow or underflow, as it is delivered with the exception masked or not:
    /// one unit
    /// in the last place decides about the exception there. Host processors take the logarithm of a power of two for a little less than
    /// it is, so that
    /// their -2^16381 * log2(2^-8) does not overflow; ours, which is exact, does.
    /// </summary>
    public static bool IsAtBorder(int exponent, ulong significand)
    {
        const ulong integer = 1UL << 63;
        const int bias = 0x6000;
        return ((exponent & 0x7fff), significand) is
            (0x7ffe, ulong.MaxValue) or (0x7fff, integer) or (0x7fff - bias, integer)
            or (0, integer - 1) or (1, integer) or (bias, >= ulong.MaxValue - 1) or (1 + bias, integer);
    }

    public static bool IsAtBorder(ReadOnlySpan<byte> ten) =>
        IsAtBorder(BinaryPrimitives.ReadUInt16LittleEndian(ten[8..]), BinaryPrimitives.ReadUInt64LittleEndian(ten));

    /// <summary>Two registers of ten bytes that hold the same value, as far as the last unit tells.</summary>
    public static bool AreClose(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (IsAtBorder(a) && IsAtBorder(b)) return true;
        // Exponent and significand as one number: neighbours across a power of two are neighbours here too.
        var (x, y) = (Magnitude(a), Magnitude(b));
        return (x > y ? x - y : y - x) <= Tolerance;
    }

    private static UInt128 Magnitude(ReadOnlySpan<byte> ten) =>
        ((UInt128)BinaryPrimitives.ReadUInt16LittleEndian(ten[8..]) << 63)
            + (BinaryPrimitives.ReadUInt64LittleEndian(ten) & (ulong.MaxValue >> 1));
}
