// FADD, FSUB, FMUL, FDIV and their relatives: one handler for each shape of operands, generic over what is computed.
using System.Runtime.CompilerServices;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>A function of two registers, or of a register and memory.</summary>
internal interface IX87Binary
{
    /// <summary>The condition bits it defines.</summary>
    static abstract uint Conditions { get; }

    /// <summary>a is the destination's old value, b the other operand.</summary>
    static abstract Float80 Apply(Float80 a, Float80 b, ref X87Context context);
}

/// <summary>Whether an instruction pops the stack in the end.</summary>
internal interface IX87Pop
{
    /// <summary>0, 1 or 2 registers.</summary>
    static abstract int Count { get; }
}

internal readonly struct KeepStack : IX87Pop
{
    public static int Count => 0;
}

internal readonly struct PopOnce : IX87Pop
{
    public static int Count => 1;
}

internal readonly struct PopTwice : IX87Pop
{
    public static int Count => 2;
}

internal readonly struct AddFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Arithmetic.Add(a, b, ref context);
}

internal readonly struct SubtractFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Arithmetic.Subtract(a, b, ref context);
}

internal readonly struct SubtractReversedFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Arithmetic.Subtract(b, a, ref context);
}

internal readonly struct MultiplyFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Arithmetic.Multiply(a, b, ref context);
}

internal readonly struct DivideFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Arithmetic.Divide(a, b, ref context);
}

internal readonly struct DivideReversedFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Arithmetic.Divide(b, a, ref context);
}

internal readonly struct PartialRemainder : IX87Binary
{
    public static uint Conditions => X87Context.C1 | X87Context.C2;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Remainder.Truncating(a, b, ref context);
}

internal readonly struct NearestRemainder : IX87Binary
{
    public static uint Conditions => X87Context.C1 | X87Context.C2;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Remainder.Nearest(a, b, ref context);
}

internal readonly struct ScaleFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Functions.Scale(a, b, ref context);
}

internal readonly struct ArcTangentFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87ArcTangent.Angle(a, b, ref context);
}

internal readonly struct LogarithmFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Logarithm.YTimesLog2(b, a, ref context);
}

internal readonly struct LogarithmOfOnePlusFunction : IX87Binary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, Float80 b, ref X87Context context) => X87Logarithm.YTimesLog2OfOnePlus(b, a, ref context);
}

/// <summary>Handlers of the shapes; the register index is in <see cref="Op.Extra"/>.</summary>
internal static unsafe class X87Binary<TFunction>
    where TFunction : struct, IX87Binary
{
    /// <summary>ST(0) = f(ST(0), ST(i)).</summary>
    public static Op* ToTop(CpuState* c, Op* op)
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        uint top = X87Stack.Top(c), other = (top + op->Extra) & 7;
        uint tags = X87Stack.Tags(c);
        if (((tags >> (int)top) & (tags >> (int)other) & 1) == 0)
            return X87Missing.Into<KeepStack>(c, op, 0, TFunction.Conditions);
        var context = X87Stack.Start(c);
        byte* slot = X87Stack.Slot(c, top);
        var result = TFunction.Apply(X87Stack.Read(slot), X87Stack.Read(X87Stack.Slot(c, other)), ref context);
        if (!context.Aborted)
            X87Stack.Write(slot, result);
        return X87Stack.Finish(c, op, context, TFunction.Conditions);
    }

    /// <summary>ST(i) = f(ST(i), ST(0)), and pop.</summary>
    public static Op* ToOther<TPop>(CpuState* c, Op* op)
        where TPop : struct, IX87Pop
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        uint top = X87Stack.Top(c), other = (top + op->Extra) & 7;
        uint tags = X87Stack.Tags(c);
        if (((tags >> (int)top) & (tags >> (int)other) & 1) == 0)
            return X87Missing.Into<TPop>(c, op, op->Extra, TFunction.Conditions);
        var context = X87Stack.Start(c);
        byte* slot = X87Stack.Slot(c, other);
        var result = TFunction.Apply(X87Stack.Read(slot), X87Stack.Read(X87Stack.Slot(c, top)), ref context);
        if (!context.Aborted)
        {
            X87Stack.Write(slot, result);
            if (TPop.Count != 0)
            {
                X87Stack.Tags(c) = (byte)(tags & ~(1u << (int)top));
                return X87Stack.FinishAt(c, op, context, top + 1);
            }
        }

        return X87Stack.Finish(c, op, context, TFunction.Conditions);
    }

    /// <summary>ST(0) = f(ST(0), memory).</summary>
    public static Op* Memory<TSource, TAddress>(CpuState* c, Op* op)
        where TSource : struct, IX87Source
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (!TAddress.Read(c, op, TSource.Bytes, out uint linear) || !TSource.Load(c, op, linear, out ulong raw))
            return null;
        uint physical = X87Stack.Top(c);
        if (((X87Stack.Tags(c) >> (int)physical) & 1) == 0)
            return X87Missing.Into<KeepStack>(c, op, 0, X87Context.C1);
        var context = X87Stack.Start(c);
        byte* slot = X87Stack.Slot(c, physical);
        var top = X87Stack.Read(slot);
        // In 80 bits the operand is no denormal any more, so its #D is raised here; a NaN on the other side comes before it, and so does a
        // division by zero.
        if (TSource.IsDenormal(raw)
            && !X87Operands.NeedAnswer(top)
            && !(typeof(TFunction) == typeof(DivideReversedFunction) && top.IsZero)
            && context.RaiseDenormal())
            return X87Stack.Finish(c, op, context);
        var result = TFunction.Apply(top, TSource.Widen(raw), ref context);
        if (!context.Aborted)
            X87Stack.Write(slot, result);
        return X87Stack.Finish(c, op, context);
    }
}

/// <summary>What instructions do that find an operand register empty.</summary>
internal static unsafe class X87Missing
{
    /// <summary>#IS; when masked, the indefinite goes where the result would have gone.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Into<TPop>(CpuState* c, Op* op, uint index, uint conditions)
        where TPop : struct, IX87Pop
    {
        var context = X87Stack.Start(c);
        if (X87Stack.Underflow(ref context))
        {
            X87Stack.Set(c, index, Float80.Indefinite);
            if (TPop.Count != 0)
                X87Stack.Pop(c);
        }

        return X87Stack.Finish(c, op, context, conditions);
    }
}
