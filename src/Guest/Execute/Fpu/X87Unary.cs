// Instructions on ST(0) alone: roots, signs, rounding, and the functions that push a second result.
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>A function of ST(0).</summary>
internal interface IX87Unary
{
    static abstract uint Conditions { get; }

    static abstract Float80 Apply(Float80 a, ref X87Context context);
}

internal readonly struct SquareRootFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, ref X87Context context) => X87Arithmetic.SquareRoot(a, ref context);
}

internal readonly struct RoundFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, ref X87Context context) => X87Functions.RoundToInteger(a, ref context);
}

internal readonly struct SineFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1 | X87Context.C2;

    public static Float80 Apply(Float80 a, ref X87Context context) => X87Trigonometry.Sine(a, ref context);
}

internal readonly struct CosineFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1 | X87Context.C2;

    public static Float80 Apply(Float80 a, ref X87Context context) => X87Trigonometry.Cosine(a, ref context);
}

internal readonly struct ExponentialFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, ref X87Context context) => X87Logarithm.TwoToXMinusOne(a, ref context);
}

internal readonly struct ChangeSignFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, ref X87Context context) => a.Negated;
}

internal readonly struct MagnitudeFunction : IX87Unary
{
    public static uint Conditions => X87Context.C1;

    public static Float80 Apply(Float80 a, ref X87Context context) => a.Magnitude;
}

/// <summary>A function of ST(0) with two results: the first replaces it, the second is pushed.</summary>
internal interface IX87Pair
{
    static abstract uint Conditions { get; }

    static abstract (Float80 Replace, Float80 Push) Apply(Float80 a, ref X87Context context);
}

internal readonly struct SineCosineFunction : IX87Pair
{
    public static uint Conditions => X87Context.C1 | X87Context.C2;

    public static (Float80 Replace, Float80 Push) Apply(Float80 a, ref X87Context context) => X87Trigonometry.SineCosine(a, ref context);
}

internal readonly struct TangentFunction : IX87Pair
{
    public static uint Conditions => X87Context.C1 | X87Context.C2;

    public static (Float80 Replace, Float80 Push) Apply(Float80 a, ref X87Context context)
    {
        var tangent = X87Trigonometry.Tangent(a, ref context);
        // An answer that is no number is given twice.
        return (tangent, tangent.IsNaN ? tangent : Float80.One);
    }
}

internal readonly struct ExtractFunction : IX87Pair
{
    public static uint Conditions => X87Context.C1;

    public static (Float80 Replace, Float80 Push) Apply(Float80 a, ref X87Context context) => X87Functions.Extract(a, ref context);
}

/// <summary>Handlers of both shapes.</summary>
internal static unsafe class X87Unary
{
    public static Op* Top<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, IX87Unary
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        if (X87Stack.IsEmpty(c, 0))
            return X87Missing.Into<KeepStack>(c, op, 0, TFunction.Conditions);
        var context = X87Stack.Start(c);
        var result = TFunction.Apply(X87Stack.Get(c, 0), ref context);
        if (!context.Aborted)
            X87Stack.Set(c, 0, result);
        return X87Stack.Finish(c, op, context, TFunction.Conditions);
    }

    public static Op* Pair<TFunction>(CpuState* c, Op* op)
        where TFunction : struct, IX87Pair
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        var context = X87Stack.Start(c);
        if (X87Stack.IsEmpty(c, 0) || !X87Stack.IsEmpty(c, 7))
        {
            bool masked = X87Stack.IsEmpty(c, 0) ? X87Stack.Underflow(ref context) : X87Stack.Overflow(ref context);
            if (masked)
            {
                X87Stack.Set(c, 0, Float80.Indefinite);
                X87Stack.Push(c, Float80.Indefinite);
            }

            return X87Stack.Finish(c, op, context, TFunction.Conditions);
        }

        (var replace, var push) = TFunction.Apply(X87Stack.Get(c, 0), ref context);
        if (!context.Aborted && (context.Status & X87Context.C2) == 0)
        {
            X87Stack.Set(c, 0, replace);
            X87Stack.Push(c, push);
        }

        return X87Stack.Finish(c, op, context, TFunction.Conditions);
    }
}
