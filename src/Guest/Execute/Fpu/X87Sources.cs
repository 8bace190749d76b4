// Where x87 instructions read memory operands from and in which form they store: four number formats, each said once, so that loads,
// arithmetic and comparisons can be generic over them.
using System.Runtime.CompilerServices;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>A memory operand format that FLD, FILD and arithmetic read.</summary>
internal unsafe interface IX87Source
{
    static abstract uint Bytes { get; }

    static abstract bool Load(CpuState* c, Op* op, uint linear, out ulong raw);

    /// <summary>The value in 80 bits, unchanged.</summary>
    static abstract Float80 Widen(ulong raw);

    /// <summary>Whether reading it raises #D.</summary>
    static abstract bool IsDenormal(ulong raw);

    /// <summary>The value as FLD pushes it, with the exceptions of loading.</summary>
    static abstract Float80 Fetch(ulong raw, ref X87Context context);
}

/// <summary>A memory operand format that FST and FIST write.</summary>
internal unsafe interface IX87Target
{
    static abstract uint Bytes { get; }

    static abstract ulong Convert(Float80 value, ref X87Context context);

    static abstract bool Store(CpuState* c, Op* op, uint linear, ulong raw);
}

internal readonly unsafe struct Single32 : IX87Source, IX87Target
{
    public static uint Bytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, uint linear, out ulong raw)
    {
        bool loaded = Access.Load32(c, op, linear, out uint value);
        raw = value;
        return loaded;
    }

    public static Float80 Widen(ulong raw) => X87Conversion.Widen32((uint)raw);

    public static bool IsDenormal(ulong raw) => X87Conversion.IsDenormal32((uint)raw);

    public static Float80 Fetch(ulong raw, ref X87Context context) => X87Conversion.Load32((uint)raw, ref context);

    public static ulong Convert(Float80 value, ref X87Context context) => X87Conversion.Store32(value, ref context);

    public static bool Store(CpuState* c, Op* op, uint linear, ulong raw) => Access.Store32(c, op, linear, (uint)raw);
}

internal readonly unsafe struct Double64 : IX87Source, IX87Target
{
    public static uint Bytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, uint linear, out ulong raw) => Access.Load64(c, op, linear, out raw);

    public static Float80 Widen(ulong raw) => X87Conversion.Widen64(raw);

    public static bool IsDenormal(ulong raw) => X87Conversion.IsDenormal64(raw);

    public static Float80 Fetch(ulong raw, ref X87Context context) => X87Conversion.Load64(raw, ref context);

    public static ulong Convert(Float80 value, ref X87Context context) => X87Conversion.Store64(value, ref context);

    public static bool Store(CpuState* c, Op* op, uint linear, ulong raw) => Access.Store64(c, op, linear, raw);
}

internal readonly unsafe struct Integer16 : IX87Source, IX87Target
{
    public static uint Bytes => 2;

    public static bool Load(CpuState* c, Op* op, uint linear, out ulong raw)
    {
        bool loaded = Access.Load16(c, op, linear, out uint value);
        raw = value;
        return loaded;
    }

    public static Float80 Widen(ulong raw) => X87Conversion.FromInteger((short)raw);

    public static bool IsDenormal(ulong raw) => false;

    public static Float80 Fetch(ulong raw, ref X87Context context) => Widen(raw);

    public static ulong Convert(Float80 value, ref X87Context context) =>
        (ulong)X87Conversion.ToInteger(value, 16, context.Rounding, ref context);

    public static bool Store(CpuState* c, Op* op, uint linear, ulong raw) => Access.Store16(c, op, linear, (ushort)raw);
}

internal readonly unsafe struct Integer32 : IX87Source, IX87Target
{
    public static uint Bytes => 4;

    public static bool Load(CpuState* c, Op* op, uint linear, out ulong raw) => Single32.Load(c, op, linear, out raw);

    public static Float80 Widen(ulong raw) => X87Conversion.FromInteger((int)raw);

    public static bool IsDenormal(ulong raw) => false;

    public static Float80 Fetch(ulong raw, ref X87Context context) => Widen(raw);

    public static ulong Convert(Float80 value, ref X87Context context) =>
        (ulong)X87Conversion.ToInteger(value, 32, context.Rounding, ref context);

    public static bool Store(CpuState* c, Op* op, uint linear, ulong raw) => Access.Store32(c, op, linear, (uint)raw);
}

internal readonly unsafe struct Integer64 : IX87Source, IX87Target
{
    public static uint Bytes => 8;

    public static bool Load(CpuState* c, Op* op, uint linear, out ulong raw) => Access.Load64(c, op, linear, out raw);

    public static Float80 Widen(ulong raw) => X87Conversion.FromInteger((long)raw);

    public static bool IsDenormal(ulong raw) => false;

    public static Float80 Fetch(ulong raw, ref X87Context context) => Widen(raw);

    public static ulong Convert(Float80 value, ref X87Context context) =>
        (ulong)X87Conversion.ToInteger(value, 64, context.Rounding, ref context);

    public static bool Store(CpuState* c, Op* op, uint linear, ulong raw) => Access.Store64(c, op, linear, raw);
}
