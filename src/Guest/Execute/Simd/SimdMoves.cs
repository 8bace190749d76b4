// Moves into, out of and between SIMD registers, and the few instructions that gather bits or words into a general register.
using System.Runtime.Intrinsics;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute.Fpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Simd;

/// <summary>How a loaded value joins what the destination holds.</summary>
internal readonly struct ReplaceAll : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => b;
}

/// <summary>MOVSS between registers.</summary>
internal readonly struct ReplaceLowest32 : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a.AsUInt32().WithElement(0, b.AsUInt32().ToScalar())
        .AsByte();
}

/// <summary>MOVSD between registers, MOVLPS and MOVLPD.</summary>
internal readonly struct ReplaceLow : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Create(b.GetLower(), a.GetUpper());
}

/// <summary>MOVLHPS, MOVHPS and MOVHPD.</summary>
internal readonly struct ReplaceHigh : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Create(a.GetLower(), b.GetLower());
}

/// <summary>MOVHLPS.</summary>
internal readonly struct LowFromHigh : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Create(b.GetUpper(), a.GetUpper());
}

/// <summary>MOVQ between XMM registers: the upper half becomes zero.</summary>
internal readonly struct LowOnly : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.CreateScalar(b.AsUInt64().ToScalar()).AsByte();
}

/// <summary>Handlers of moves that are not f(destination, source).</summary>
internal static unsafe class SimdMoves
{
    /// <summary>Stores 128 bits; <see cref="Op.Extra"/> 1 asks for alignment.</summary>
    public static Op* Store128<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (!TAddress.Write(c, op, 16, out uint linear))
            return null;
        if (op->Extra != 0 && (linear & 15) != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        var value = SimdState.Xmm(c, op->A).AsUInt64();
        return Access.Store128(c, op, linear, value.ToScalar(), value.GetElement(1)) ? op + 1 : null;
    }

    public static Op* StoreLow32<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        return TAddress.Write(c, op, 4, out uint linear) && Access.Store32(c, op, linear, SimdState.Xmm(c, op->A).AsUInt32().ToScalar())
            ? op + 1 : null;
    }

    /// <summary>Stores the half that <see cref="Op.Extra"/> names.</summary>
    public static Op* StoreHalf<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        return TAddress.Write(c, op, 8, out uint linear) && Access.Store64(
            c, op, linear, SimdState.Xmm(c, op->A).AsUInt64().GetElement(op->Extra))
            ? op + 1
            : null;
    }

    public static Op* StoreMm64<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        // The top is reset even if the store then faults, as on hardware.
        X87Stack.SetTop(c, 0);
        if (!TAddress.Write(c, op, 8, out uint linear) || !Access.Store64(c, op, linear, SimdState.Mm(c, op->A)))
            return null;
        SimdState.EnterMmx(c);
        return op + 1;
    }

    public static Op* StoreMm32<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        X87Stack.SetTop(c, 0);
        if (!TAddress.Write(c, op, 4, out uint linear) || !Access.Store32(c, op, linear, (uint)SimdState.Mm(c, op->A)))
            return null;
        SimdState.EnterMmx(c);
        return op + 1;
    }

    /// <summary>MOVNTI; an ordinary store here.</summary>
    public static Op* StoreGeneral<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress =>
        TAddress.Write(c, op, 4, out uint linear) && Access.Store32(c, op, linear, Width32.Get(c, op->A)) ? op + 1 : null;

    /// <summary>MOVD r32, xmm. Here and below the destination is in <see cref="Op.A"/>, the source in <see cref="Op.B"/>.</summary>
    public static Op* XmmToGeneral(CpuState* c, Op* op) => Gather(c, op, SimdState.Xmm(c, op->B).AsUInt32().ToScalar());

    public static Op* MmToGeneral(CpuState* c, Op* op) => GatherMm(c, op, (uint)SimdState.Mm(c, op->B));

    public static Op* MaskOfSingles(CpuState* c, Op* op) => Gather(c, op, SimdState.Xmm(c, op->B).AsSingle().ExtractMostSignificantBits());

    public static Op* MaskOfDoubles(CpuState* c, Op* op) => Gather(c, op, SimdState.Xmm(c, op->B).AsDouble().ExtractMostSignificantBits());

    public static Op* MaskOfBytes(CpuState* c, Op* op) => Gather(c, op, SimdState.Xmm(c, op->B).ExtractMostSignificantBits());

    public static Op* MaskOfMmBytes(CpuState* c, Op* op) =>
        GatherMm(c, op, Vector128.CreateScalar(SimdState.Mm(c, op->B)).AsByte().ExtractMostSignificantBits());

    public static Op* ExtractWord(CpuState* c, Op* op) => Gather(c, op, SimdState.Xmm(c, op->B).AsUInt16().GetElement(op->Extra & 7));

    public static Op* ExtractMmWord(CpuState* c, Op* op) => GatherMm(c, op, (ushort)(SimdState.Mm(c, op->B) >> (16 * (op->Extra & 3))));

    /// <summary>MOVQ2DQ.</summary>
    public static Op* MmToXmm(CpuState* c, Op* op)
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        SimdState.EnterMmx(c);
        SimdState.Xmm(c, op->A) = Vector128.CreateScalar(SimdState.Mm(c, op->B)).AsByte();
        return op + 1;
    }

    /// <summary>MOVDQ2Q.</summary>
    public static Op* XmmToMm(CpuState* c, Op* op)
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        SimdState.EnterMmx(c);
        SimdState.SetMm(c, op->A, SimdState.Xmm(c, op->B).AsUInt64().ToScalar());
        return op + 1;
    }

    /// <summary>MASKMOVDQU: the bytes of <see cref="Op.A"/> that the mask in <see cref="Op.Extra"/> selects, to DS:EDI.</summary>
    public static Op* MaskedXmm(CpuState* c, Op* op)
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        var value = SimdState.Xmm(c, op->A);
        return StoreMasked(c, op, value.AsUInt64().ToScalar(), value.AsUInt64().GetElement(1), SimdState.Xmm(c, op->Extra)
            .ExtractMostSignificantBits(), 16)
            ? op + 1
            : null;
    }

    /// <summary>MASKMOVQ.</summary>
    public static Op* MaskedMm(CpuState* c, Op* op)
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        uint mask = Vector128.CreateScalar(SimdState.Mm(c, op->Extra)).AsByte().ExtractMostSignificantBits();
        SimdState.EnterMmx(c);
        return StoreMasked(c, op, SimdState.Mm(c, op->A), 0, mask, 8) ? op + 1 : null;
    }

    public static Op* LoadMxcsr<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (!TAddress.Read(c, op, 4, out uint linear) || !Access.Load32(c, op, linear, out uint value))
            return null;
        if ((value & ~SimdState.LegalMxcsr) != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        SimdState.Mxcsr(c) = value;
        return op + 1;
    }

    public static Op* StoreMxcsr<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        return TAddress.Write(c, op, 4, out uint linear) && Access.Store32(c, op, linear, SimdState.Mxcsr(c)) ? op + 1 : null;
    }

    /// <summary>CLFLUSH: nothing to flush, but the address must be readable.</summary>
    public static Op* FlushLine<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress =>
        TAddress.Read(c, op, 1, out uint linear) && Access.Load8(c, op, linear, out _) ? op + 1 : null;

    public static Op* EmptyMmx(CpuState* c, Op* op)
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        X87Stack.SetTop(c, 0);
        X87Stack.Tags(c) = 0;
        return op + 1;
    }

    /// <summary>Prefetches, and fences as far as they are not <see cref="Fences"/>' business: there is no cache, and the host keeps the
    /// rest in order.</summary>
    public static Op* Nothing(CpuState* c, Op* op) => op + 1;

    private static Op* Gather(CpuState* c, Op* op, uint value)
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        Width32.Set(c, op->A, value);
        return op + 1;
    }

    private static Op* GatherMm(CpuState* c, Op* op, uint value)
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        SimdState.EnterMmx(c);
        Width32.Set(c, op->A, value);
        return op + 1;
    }

    /// <summary>Both halves must be writable as a whole, selected bytes or not, and the upper one is tried first, as on hardware.</summary>
    private static bool StoreMasked(CpuState* c, Op* op, ulong low, ulong high, uint mask, uint count)
    {
        if (!Segmented.Write(c, op, count, out uint linear))
            return false;
        // A 16-bit address may start over in the middle.
        uint wrap = op->HasAddress16 && Segmented.Offset(c, op) + 8 > 0xFFFF ? 0x1_0000u : 0;
        uint upper = linear + 8 - wrap;
        if ((count == 16 && !Access.ProbeWrite(c, op, upper, 8)) || !Access.ProbeWrite(c, op, linear, 8))
            return false;

        for (uint i = 0; i < count; i++)
        {
            ulong value = (i < 8 ? low : high) >> (int)(8 * (i & 7));
            if (((mask >> (int)i) & 1) != 0 && !Access.Store8(c, op, i < 8 ? linear + i : upper + i - 8, (byte)value))
                return false;
        }

        return true;
    }
}
