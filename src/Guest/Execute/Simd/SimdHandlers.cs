// The handlers of all SIMD computation. What is computed and where the source lies are type parameters; what remains is the order
// of events: may it run, load, compute, accept exceptions, write.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Simd;

/// <summary>Handlers over an <see cref="ISimdSource"/>; the destination register is in <see cref="Op.A"/>.</summary>
internal static unsafe class SimdHandlers<TSource>
    where TSource : struct, ISimdSource
{
    /// <summary>xmm = f(xmm, source), integers and logic.</summary>
    public static Op* Xmm<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, IPacked
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        ref var target = ref SimdState.Xmm(c, op->A);
        target = TFunction.Apply(target, source);
        return op + 1;
    }

    /// <summary>mm = f(mm, source).</summary>
    public static Op* Mm<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, IPacked
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        SimdState.EnterMmx(c);
        SimdState.SetMm(c, op->A, TFunction.Apply64<TFunction>(SimdState.Mm(c, op->A), source.AsUInt64().ToScalar()));
        return op + 1;
    }

    /// <summary>xmm = f(xmm, source, immediate).</summary>
    public static Op* ShuffleXmm<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, IShuffle
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        ref var target = ref SimdState.Xmm(c, op->A);
        target = TFunction.Apply(target, source, op->Extra);
        return op + 1;
    }

    /// <summary>mm = f(mm, source, immediate).</summary>
    public static Op* ShuffleMm<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, IShuffle
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        SimdState.EnterMmx(c);
        var target = Vector128.CreateScalar(SimdState.Mm(c, op->A)).AsByte();
        SimdState.SetMm(c, op->A, TFunction.Apply(target, source, op->Extra).AsUInt64().ToScalar());
        return op + 1;
    }

    /// <summary>xmm = f(xmm, source) under MXCSR.</summary>
    public static Op* SseToXmm<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, ISseFunction
    {
        if (SimdState.IsSseBlocked(c) || (TSource.IsMmx && SimdState.IsMmxBlocked(c)))
            return Trap(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        SseContext context = new(SimdState.Mxcsr(c));
        ref var target = ref SimdState.Xmm(c, op->A);
        var result = TFunction.Apply(op, target, source, ref context);
        if (TSource.IsMmx)
            SimdState.EnterMmx(c);
        if (!SimdState.Accept(c, op, context))
            return null;
        target = result;
        return op + 1;
    }

    /// <summary>mm = f(source) under MXCSR.</summary>
    public static Op* SseToMm<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, ISseFunction
    {
        if (SimdState.IsSseBlocked(c) || SimdState.IsMmxBlocked(c))
            return Trap(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        SseContext context = new(SimdState.Mxcsr(c));
        var result = TFunction.Apply(op, default, source, ref context);
        SimdState.EnterMmx(c);
        if (!SimdState.Accept(c, op, context))
            return null;
        SimdState.SetMm(c, op->A, result.AsUInt64().ToScalar());
        return op + 1;
    }

    /// <summary>General register = f(source) under MXCSR.</summary>
    public static Op* SseToGeneral<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, ISseFunction
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        SseContext context = new(SimdState.Mxcsr(c));
        var result = TFunction.Apply(op, default, source, ref context);
        if (!SimdState.Accept(c, op, context))
            return null;
        Width32.Set(c, op->A, result.AsUInt32().ToScalar());
        return op + 1;
    }

    /// <summary>COMISS, COMISD and their quiet relatives (<see cref="Op.Extra"/> 1): ZF, PF and CF.</summary>
    public static Op* Compare<TFormat>(CpuState* c, Op* op)
        where TFormat : struct, IFloatFormat
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        if (!TSource.Load(c, op, out var source))
            return null;
        SseContext context = new(SimdState.Mxcsr(c));
        ulong mask = SseNumber<TFormat>.SignBit | (SseNumber<TFormat>.SignBit - 1);
        ulong a = SimdState.Xmm(c, op->A).AsUInt64().ToScalar() & mask;
        int order = SseArithmetic<TFormat>.Ordering(a, source.AsUInt64().ToScalar() & mask, op->Extra != 0, ref context);
        if (!SimdState.Accept(c, op, context))
            return null;
        Flags.SetStatus(c, order switch { < 0 => EFlags.Carry, 0 => EFlags.Zero, 1 => 0, _ => EFlags.Zero | EFlags.Parity | EFlags.Carry });
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Trap(CpuState* c, Op* op) => SimdState.IsSseBlocked(c) ? SimdState.TrapSse(c, op) : SimdState.TrapMmx(c, op);
}

/// <summary>Shifts by an immediate, in place; the register is in <see cref="Op.A"/>, the count in <see cref="Op.Extra"/>.</summary>
internal static unsafe class ImmediateShift<TFunction>
    where TFunction : struct, IPacked
{
    public static Op* Xmm(CpuState* c, Op* op)
    {
        if (SimdState.IsSseBlocked(c))
            return SimdState.TrapSse(c, op);
        ref var target = ref SimdState.Xmm(c, op->A);
        target = TFunction.Apply(target, Vector128.CreateScalar((ulong)op->Extra).AsByte());
        return op + 1;
    }

    public static Op* Mm(CpuState* c, Op* op)
    {
        if (SimdState.IsMmxBlocked(c))
            return SimdState.TrapMmx(c, op);
        SimdState.EnterMmx(c);
        SimdState.SetMm(c, op->A, TFunction.Apply64<TFunction>(SimdState.Mm(c, op->A), op->Extra));
        return op + 1;
    }
}
