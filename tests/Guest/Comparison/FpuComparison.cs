// The x87 and SSE state has corners of its own that no manual fixes, and functions whose last bit depends on the maker's algorithm.
using System.Buffers.Binary;
using Iced.Intel;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>How far x87 state must be equal.</summary>
internal static class FpuComparison
{
    private const uint AllStatus = 0xffff;
    private const uint ConditionOne = 0x200;

    /// <summary>Bits of the status word that must be equal. C1 tells of a transcendental result whether it was rounded up: it goes with the last bit.</summary>
    public static uint DefinedStatus(in Instruction instruction) => IsTranscendental(instruction) ? AllStatus & ~ConditionOne : AllStatus;

    /// <summary>Registers are equal bit by bit; results of transcendental functions may be a unit in the last place off on either side of the truth.</summary>
    public static bool SameRegister(in Instruction instruction, int register, ReadOnlySpan<byte> host, ReadOnlySpan<byte> core)
    {
        if (host.SequenceEqual(core)) return true;
        if (!IsTranscendental(instruction) || register > 1) return false;
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
