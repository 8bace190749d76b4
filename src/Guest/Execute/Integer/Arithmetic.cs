// The eight two-operand instructions of the first page of the opcode map, and their one-operand relatives, each said once: what they
// compute and what they do to the flags. Everything else (operand forms, widths, addressing) is generic over these.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Integer;

/// <summary>A two-operand operation on zero-extended operands. The result may have garbage above the width.</summary>
internal unsafe interface IBinary
{
    /// <summary>False for CMP and TEST, which only set flags.</summary>
    static abstract bool Writes { get; }

    static abstract uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth;
}

/// <summary>A one-operand operation.</summary>
internal unsafe interface IUnary
{
    static abstract uint Apply<TWidth>(CpuState* c, uint a)
        where TWidth : struct, IWidth;
}

internal readonly unsafe struct Add : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a + b;
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = TWidth.Carries((a & b) | ((a | b) & ~r));
        return r;
    }
}

internal readonly unsafe struct Adc : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a + b + Flags.Carry(c);
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = TWidth.Carries((a & b) | ((a | b) & ~r));
        return r;
    }
}

internal readonly unsafe struct Sub : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a - b;
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = TWidth.Carries((~a & b) | (~(a ^ b) & r));
        return r;
    }
}

internal readonly unsafe struct Sbb : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a - b - Flags.Carry(c);
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = TWidth.Carries((~a & b) | (~(a ^ b) & r));
        return r;
    }
}

internal readonly unsafe struct Cmp : IBinary
{
    public static bool Writes => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth => Sub.Apply<TWidth>(c, a, b);
}

internal readonly unsafe struct And : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a & b;
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = 0;
        return r;
    }
}

internal readonly unsafe struct Test : IBinary
{
    public static bool Writes => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth => And.Apply<TWidth>(c, a, b);
}

internal readonly unsafe struct Or : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a | b;
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = 0;
        return r;
    }
}

internal readonly unsafe struct Xor : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a, uint b)
        where TWidth : struct, IWidth
    {
        uint r = a ^ b;
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = 0;
        return r;
    }
}

/// <summary>Addition of one that leaves CF alone.</summary>
internal readonly unsafe struct Inc : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a)
        where TWidth : struct, IWidth
    {
        uint carry = c->FlagCarries >> 31;
        uint r = a + 1;
        uint carries = TWidth.Carries(a & ~r);
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = KeepCarry(carries, carry);
        return r;
    }

    /// <summary>Puts an old CF beside a new OF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint KeepCarry(uint carries, uint carry)
    {
        uint overflow = (carries ^ (carries << 1)) >> 31;
        return (carries & 8) | (carry << 31) | ((carry ^ overflow) << 30);
    }
}

/// <summary>Subtraction of one that leaves CF alone.</summary>
internal readonly unsafe struct Dec : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a)
        where TWidth : struct, IWidth
    {
        uint carry = c->FlagCarries >> 31;
        uint r = a - 1;
        uint carries = TWidth.Carries(~a & r);
        c->FlagResult = TWidth.Widen(r);
        c->FlagCarries = Inc.KeepCarry(carries, carry);
        return r;
    }
}

internal readonly unsafe struct Neg : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a)
        where TWidth : struct, IWidth => Sub.Apply<TWidth>(c, 0, a);
}

internal readonly unsafe struct Not : IUnary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply<TWidth>(CpuState* c, uint a)
        where TWidth : struct, IWidth => ~a;
}
