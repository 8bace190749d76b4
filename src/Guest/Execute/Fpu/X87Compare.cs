// FCOM, FUCOM, FICOM, FTST, FXAM and the comparisons that answer in EFLAGS.
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>Whether a comparison takes a quiet NaN in its stride.</summary>
internal interface IX87Quiet
{
    static abstract bool IsQuiet { get; }
}

internal readonly struct Ordered : IX87Quiet
{
    public static bool IsQuiet => false;
}

internal readonly struct UnorderedToo : IX87Quiet
{
    public static bool IsQuiet => true;
}

/// <summary>Handlers of the comparisons (Intel SDM vol. 2, FCOM, FCOMI, FICOM, FTST, FUCOM, FXAM).</summary>
internal static unsafe class X87Compare
{
    private const uint IsUnordered = X87Context.C0 | X87Context.C2 | X87Context.C3;

    /// <summary>ST(0) with ST(i).</summary>
    public static Op* Registers<TQuiet, TPop>(CpuState* c, Op* op)
        where TQuiet : struct, IX87Quiet
        where TPop : struct, IX87Pop
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        Compare<TQuiet>(c, op->Extra, ref context);
        if (!context.Aborted)
            PopAll<TPop>(c);
        return X87Stack.Finish(c, op, context, X87Stack.Conditions);
    }

    /// <summary>ST(0) with ST(i), answered in ZF, PF and CF; OF, SF and AF become 0.</summary>
    public static Op* ToFlags<TQuiet, TPop>(CpuState* c, Op* op)
        where TQuiet : struct, IX87Quiet
        where TPop : struct, IX87Pop
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        Compare<TQuiet>(c, op->Extra, ref context);
        // C0, C2 and C3 stand eight bits above where SAHF would put them: CF, PF, ZF.
        Flags.SetStatus(c, (context.Status & IsUnordered) >> 8);
        if (!context.Aborted)
            PopAll<TPop>(c);

        // C1 changes only where an empty register was missed.
        uint cleared = (context.Status & X87Stack.StackFault) != 0 ? X87Context.C1 : 0;
        context.Status &= ~IsUnordered;
        return X87Stack.Finish(c, op, context, cleared);
    }

    /// <summary>ST(0) with memory.</summary>
    public static Op* Memory<TSource, TPop, TAddress>(CpuState* c, Op* op)
        where TSource : struct, IX87Source
        where TPop : struct, IX87Pop
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (!TAddress.Read(c, op, TSource.Bytes, out uint linear) || !TSource.Load(c, op, linear, out ulong raw))
            return null;
        var context = X87Stack.Start(c);
        if (X87Stack.IsEmpty(c, 0))
        {
            X87Stack.Underflow(ref context);
            context.Status |= IsUnordered;
        }
        else
        {
            var top = X87Stack.Get(c, 0);
            if (TSource.IsDenormal(raw) && !X87Operands.NeedAnswer(top))
                context.RaiseDenormal();
            X87Functions.Compare(top, TSource.Widen(raw), false, ref context);
        }

        if (!context.Aborted)
            PopAll<TPop>(c);
        return X87Stack.Finish(c, op, context, X87Stack.Conditions);
    }

    public static Op* Test(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        if (X87Stack.IsEmpty(c, 0))
        {
            X87Stack.Underflow(ref context);
            context.Status |= IsUnordered;
        }
        else
        {
            X87Functions.Compare(X87Stack.Get(c, 0), default, false, ref context);
        }

        return X87Stack.Finish(c, op, context, X87Stack.Conditions);
    }

    public static Op* Examine(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        var top = X87Stack.Get(c, 0);
        context.Status = X87Stack.IsEmpty(c, 0)
            ? X87Context.C3 | X87Context.C0 | (top.Sign != 0 ? X87Context.C1 : 0)
            : X87Functions.Examine(top);
        return X87Stack.Finish(c, op, context, X87Stack.Conditions);
    }

    private static void Compare<TQuiet>(CpuState* c, uint index, ref X87Context context)
        where TQuiet : struct, IX87Quiet
    {
        if (X87Stack.IsEmpty(c, 0) || X87Stack.IsEmpty(c, index))
        {
            X87Stack.Underflow(ref context);
            context.Status |= IsUnordered;
            return;
        }

        X87Functions.Compare(X87Stack.Get(c, 0), X87Stack.Get(c, index), TQuiet.IsQuiet, ref context);
    }

    private static void PopAll<TPop>(CpuState* c)
        where TPop : struct, IX87Pop
    {
        if (TPop.Count >= 1)
            X87Stack.Pop(c);
        if (TPop.Count == 2)
            X87Stack.Pop(c);
    }
}
