// Where the second operand of a SIMD instruction comes from. Each source is a type, so that one handler text becomes a handler for each
// register file, memory size and kind of addressing.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Simd;

/// <summary>A source operand, zero-extended to 128 bits.</summary>
internal unsafe interface ISimdSource
{
    /// <summary>Whether reading it puts the x87 into MMX state.</summary>
    static abstract bool IsMmx { get; }

    /// <summary>False after a fault has been set up.</summary>
    static abstract bool Load(CpuState* c, Op* op, out Vector128<byte> value);
}

/// <summary>The XMM register in <see cref="Op.B"/>.</summary>
internal readonly unsafe struct FromXmm : ISimdSource
{
    public static bool IsMmx => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        value = SimdState.Xmm(c, op->B);
        return true;
    }
}

/// <summary>The MM register in <see cref="Op.B"/>.</summary>
internal readonly unsafe struct FromMm : ISimdSource
{
    public static bool IsMmx => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        value = Vector128.CreateScalar(SimdState.Mm(c, op->B)).AsByte();
        return true;
    }
}

/// <summary>The general register in <see cref="Op.B"/>.</summary>
internal readonly unsafe struct FromGeneral : ISimdSource
{
    public static bool IsMmx => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        value = Vector128.CreateScalar(Width32.Get(c, op->B)).AsByte();
        return true;
    }
}

/// <summary>16 bits of memory.</summary>
internal readonly unsafe struct FromMemory16<TAddress> : ISimdSource
    where TAddress : struct, IAddress
{
    public static bool IsMmx => false;

    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        uint raw = 0;
        bool loaded = TAddress.Read(c, op, 2, out uint linear) && Access.Load16(c, op, linear, out raw);
        value = Vector128.CreateScalar(raw).AsByte();
        return loaded;
    }
}

/// <summary>32 bits of memory.</summary>
internal readonly unsafe struct FromMemory32<TAddress> : ISimdSource
    where TAddress : struct, IAddress
{
    public static bool IsMmx => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        uint raw = 0;
        bool loaded = TAddress.Read(c, op, 4, out uint linear) && Access.Load32(c, op, linear, out raw);
        value = Vector128.CreateScalar(raw).AsByte();
        return loaded;
    }
}

/// <summary>64 bits of memory.</summary>
internal readonly unsafe struct FromMemory64<TAddress> : ISimdSource
    where TAddress : struct, IAddress
{
    public static bool IsMmx => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        ulong raw = 0;
        bool loaded = TAddress.Read(c, op, 8, out uint linear) && Access.Load64(c, op, linear, out raw);
        value = Vector128.CreateScalar(raw).AsByte();
        return loaded;
    }
}

/// <summary>128 bits of memory, which must be aligned: #GP otherwise.</summary>
internal readonly unsafe struct FromAligned<TAddress> : ISimdSource
    where TAddress : struct, IAddress
{
    public static bool IsMmx => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        ulong low = 0, high = 0;
        bool loaded = TAddress.Read(c, op, 16, out uint linear)
            && ((linear & 15) == 0 || Misaligned(c, op))
            && Access.Load128(c, op, linear, out low, out high);
        value = Vector128.Create(low, high).AsByte();
        return loaded;
    }

    /// <summary>Sets up #GP; always false.</summary>
    public static bool Misaligned(CpuState* c, Op* op)
    {
        Processor.Fault(c, op, Vectors.GeneralProtection);
        return false;
    }
}

/// <summary>128 bits of memory anywhere.</summary>
internal readonly unsafe struct FromUnaligned<TAddress> : ISimdSource
    where TAddress : struct, IAddress
{
    public static bool IsMmx => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, out Vector128<byte> value)
    {
        ulong low = 0, high = 0;
        bool loaded = TAddress.Read(c, op, 16, out uint linear) && Access.Load128(c, op, linear, out low, out high);
        value = Vector128.Create(low, high).AsByte();
        return loaded;
    }
}
