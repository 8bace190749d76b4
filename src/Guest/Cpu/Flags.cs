// Reading and writing the lazy flags: the arithmetic behind the comment at the top of CpuState.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lguest.Guest.Cpu;

/// <summary>Status flags in terms of <see cref="CpuState.FlagResult"/> and <see cref="CpuState.FlagCarries"/>.</summary>
public static unsafe class Flags
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Carry(CpuState* c) => c->FlagCarries >> 31;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(CpuState* c) => c->FlagResult == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Sign(CpuState* c) => (c->FlagResult >> 31) ^ (c->FlagCarries & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Overflow(CpuState* c) => (c->FlagCarries ^ (c->FlagCarries << 1)) >> 31;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Adjust(CpuState* c) => (c->FlagCarries >> 3) & 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Parity(CpuState* c) => ~(uint)BitOperations.PopCount((c->FlagResult ^ (c->FlagCarries >> 8)) & 0xff) & 1;

    /// <summary>The six status flags at their EFLAGS positions.</summary>
    public static uint Status(CpuState* c) =>
        Carry(c) | (Parity(c) << 2) | (Adjust(c) << 4) | (IsZero(c) ? EFlags.Zero : 0) | (Sign(c) << 7) | (Overflow(c) << 11);

    /// <summary>The whole of EFLAGS.</summary>
    public static uint All(CpuState* c) => c->FlagsOther | Status(c);

    /// <summary>Replaces the six status flags by those of <paramref name="eflags"/>.</summary>
    public static void SetStatus(CpuState* c, uint eflags)
    {
        uint result = (eflags & EFlags.Zero) != 0 ? 0u : 1u;
        uint carry = eflags & EFlags.Carry;
        uint overflow = (eflags >> 11) & 1;
        uint naturalParity = result ^ 1;
        uint parity = (eflags >> 2) & 1;
        c->FlagResult = result;
        c->FlagCarries = (carry << 31) | ((carry ^ overflow) << 30) | (((eflags >> 4) & 1) << 3) | ((eflags >> 7) & 1)
            | ((parity ^ naturalParity) << 8);
    }

    /// <summary>Sets CF alone, keeping OF and the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetCarry(CpuState* c, uint carry)
    {
        uint overflow = Overflow(c);
        c->FlagCarries = (c->FlagCarries & 0x3fffffff) | (carry << 31) | ((carry ^ overflow) << 30);
    }

    /// <summary>Sets CF and OF, keeping the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetCarryOverflow(CpuState* c, uint carry, uint overflow) =>
        c->FlagCarries = (c->FlagCarries & 0x3fffffff) | (carry << 31) | ((carry ^ overflow) << 30);

    /// <summary>Clears AF alone.</summary>
    public static void ClearAdjust(CpuState* c) => c->FlagCarries &= ~(1u << 3);

    /// <summary>Sets ZF alone, keeping SF, PF, CF, OF and AF.</summary>
    public static void SetZero(CpuState* c, bool zero) => SetStatus(c, zero ? Status(c) | EFlags.Zero : Status(c) & ~EFlags.Zero);

    /// <summary>Replaces all of EFLAGS, unconditionally; the caller has applied the privilege rules. Does not recompute the mode.</summary>
    public static void SetAll(CpuState* c, uint eflags)
    {
        SetStatus(c, eflags);
        c->FlagsOther = (eflags & EFlags.Known & ~EFlags.Status) | EFlags.AlwaysOne;
    }
}
