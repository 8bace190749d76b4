// The x87 and SSE state has corners of its own that no manual fixes, and functions whose last bit depends on the maker's algorithm.
using System.Buffers.Binary;
using Iced.Intel;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>How far x87 state must be equal.</summary>
internal static class FpuComparison
{
    private const uint AllStatus = 0xffff;
    private const uint ConditionOne = 0x200;

    private const uint OverflowAndUnderflow = 0x18;

    /// <summary>Bits of the status word that must be equal. C1 tells of a transcendental result whether it was rounded up: it goes with the last bit, as
    /// do #O and #U where the result is the last or the first on its side of the range.</summary>
    public static uint DefinedStatus(in Instruction instruction, ReadOnlySpan<byte> host, ReadOnlySpan<byte> core)
    {
        if (!IsTranscendental(instruction)) return AllStatus;
        return AllStatus & ~ConditionOne & ~(IsAtBorder(host) && IsAtBorder(core) ? OverflowAndUnderflow : 0);
    }

    /// <summary>
    /// Whether a result lies on either side of the border to overflow or underflow, as it is delivered with the exception masked or not: one unit
    /// in the last place decides about the exception there. Host processors take the logarithm of a power of two for a little less than it is, so that
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

    private static bool IsAtBorder(ReadOnlySpan<byte> ten) =>
        IsAtBorder(BinaryPrimitives.ReadUInt16LittleEndian(ten[8..]), BinaryPrimitives.ReadUInt64LittleEndian(ten));

    /// <summary>Registers are equal bit by bit; results of transcendental functions may be a unit in the last place off on either side of the truth.</summary>
    public static bool SameRegister(in Instruction instruction, int register, ReadOnlySpan<byte> host, ReadOnlySpan<byte> core)
    {
        if (host.SequenceEqual(core)) return true;
        if (!IsTranscendental(instruction) || register > 1) return false;
        if (IsAtBorder(host) && IsAtBorder(core)) return true;
        // Exponent and significand as one number: neighbours across a power of two are neighbours here too.
        const ulong tolerance = 2;
        var (a, b) = (Magnitude(host), Magnitude(core));
        return (a > b ? a - b : b - a) <= tolerance;
    }

    private static UInt128 Magnitude(ReadOnlySpan<byte> ten) =>
        ((UInt128)BinaryPrimitives.ReadUInt16LittleEndian(ten[8..]) << 63) + (BinaryPrimitives.ReadUInt64LittleEndian(ten) & (ulong.MaxValue >> 1));

    private static bool IsTranscendental(in Instruction instruction) => instruction.Mnemonic is Mnemonic.Fsin or Mnemonic.Fcos or Mnemonic.Fsincos
        or Mnemonic.Fptan or Mnemonic.Fpatan or Mnemonic.F2xm1 or Mnemonic.Fyl2x or Mnemonic.Fyl2xp1;
}
