// The small exact operations of the x87 that look at a number instead of computing with it: comparing, examining,
// rounding to an integer, taking apart into exponent and significand, and scaling by a power of two.

using System.Numerics;

namespace Lguest.Guest.Arithmetic;

/// <summary>FCOM, FUCOM, FTST, FXAM, FRNDINT, FSCALE and FXTRACT (Intel SDM vol. 2). None of them knows precision control.</summary>
internal static class X87Functions
{
    private const uint Unordered = X87Context.C3 | X87Context.C2 | X87Context.C0;

    /// <summary>Raises the condition code of comparing a with b: C0 when less, C3 when equal, C3 C2 C0 when unordered.</summary>
    /// <param name="a">Usually ST(0).</param>
    /// <param name="b">The other operand.</param>
    /// <param name="quiet">True for the FUCOM family, which takes a quiet NaN without #IA.</param>
    /// <param name="context">Receives condition code and exceptions.</param>
    public static void Compare(Float80 a, Float80 b, bool quiet, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(a, b))
        {
            context.Status |= Unordered;
            if (!quiet || a.IsUnsupported || b.IsUnsupported || a.IsSignalingNaN || b.IsSignalingNaN)
                context.Status |= X87Context.Invalid;
            return;
        }
        if (a.IsDenormal || b.IsDenormal)
            context.Status |= X87Context.Denormal;
        context.Status |= Order(a, b) switch { < 0 => X87Context.C0, 0 => X87Context.C3, _ => 0 };
    }

    /// <summary>FXAM's class of a register that is not empty; C1 is the sign.</summary>
    public static uint Examine(Float80 a)
    {
        uint kind = a.IsUnsupported ? 0
            : a.IsNaN ? X87Context.C0
            : a.IsInfinity ? X87Context.C2 | X87Context.C0
            : a.IsZero ? X87Context.C3
            : a.IsDenormal ? X87Context.C3 | X87Context.C2
            : X87Context.C2;
        return kind | (a.Sign != 0 ? X87Context.C1 : 0);
    }

    /// <summary>FRNDINT: the integer that RC chooses; #P when that changed the value.</summary>
    public static Float80 RoundToInteger(Float80 a, ref X87Context context)
    {
        if (a.Exponent >= Float80.Bias + 63)
            return X87Operands.NeedAnswer(a) ? X87Operands.Answer(a, ref context) : a;
        if (a.IsUnsupported)
            return context.RaiseInvalid();
        if (a.IsZero || X87Operands.StopAtDenormal(a, ref context))
            return a;
        ulong magnitude = IntegerMagnitude(a, context.Rounding, out int change);
        if (change != 0)
            context.Status |= X87Context.Inexact | (change > 0 ? X87Context.C1 : 0);
        if (magnitude == 0)
            return Float80.Zero(a.Sign);
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return new Float80(magnitude << shift, a.Sign, Float80.Bias + 63 - shift);
    }

    /// <summary>FSCALE: a * 2^trunc(b).</summary>
    public static Float80 Scale(Float80 a, Float80 b, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(a, b))
            return X87Operands.Answer(a, b, ref context);
        if (b.IsInfinity && ((a.IsInfinity && b.Sign != 0) || (a.IsZero && b.Sign == 0)))
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(a, b, ref context))
            return default;
        if (a.IsInfinity || a.IsZero)
            return a;
        if (b.IsInfinity)
            return b.Sign == 0 ? Float80.Infinity(a.Sign) : Float80.Zero(a.Sign);
        if (b.IsZero)
            return a.Canonical;
        // Anything beyond 2^16 is off every scale already.
        int magnitude = b.Exponent > Float80.Bias + 16 ? 0x2_0000 : (int)IntegerMagnitude(b, X87Context.Chop, out _);
        if (magnitude == 0 && a.Exponent != 0)
            return a;
        var (exponent, significand) = X87Operands.Normalize(a);
        return X87Rounding.ToExtended(a.Sign, exponent + (b.Sign == 0 ? magnitude : -magnitude), significand, 0, ref context);
    }

    /// <summary>FXTRACT: the true exponent as a number, and the significand with exponent 0.</summary>
    public static (Float80 Exponent, Float80 Significand) Extract(Float80 a, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(a))
        {
            var answer = X87Operands.Answer(a, ref context);
            return (answer, answer);
        }
        if (a.IsInfinity)
            return (Float80.Infinity(0), a);
        if (a.IsZero)
        {
            context.RaiseZeroDivide();
            return (Float80.Infinity(Float80.SignBit), a);
        }
        if (X87Operands.StopAtDenormal(a, ref context))
            return default;
        var (exponent, significand) = X87Operands.Normalize(a);
        return (X87Conversion.FromInteger(exponent - Float80.Bias), new Float80(significand, a.Sign, Float80.Bias));
    }

    /// <summary>
    /// |a| rounded to an integer, for |a| below 2^63 or an |a| whose unit is 1; change is 0 when exact, 1 when the magnitude grew,
    /// -1 when it shrank.
    /// </summary>
    public static ulong IntegerMagnitude(Float80 a, uint rounding, out int change)
    {
        var (integer, fraction) = X87Rounding.ShiftRight(a.Significand, 0, Float80.Bias + 63 - Math.Max(a.Exponent, 1));
        bool up = X87Rounding.RoundsUp(rounding, a.Sign != 0, (integer & 1) != 0, fraction);
        change = fraction == 0 ? 0 : up ? 1 : -1;
        return up ? integer + 1 : integer;
    }

    private static int Order(Float80 a, Float80 b)
    {
        if (a.IsZero && b.IsZero)
            return 0;
        if (a.Sign != b.Sign)
            return a.Sign != 0 ? -1 : 1;
        // Under one sign the order is that of exponent and significand; a pseudo-denormal has exponent 1 in effect.
        int order = EffectiveExponent(a).CompareTo(EffectiveExponent(b));
        if (order == 0)
            order = a.Significand.CompareTo(b.Significand);
        return a.Sign != 0 ? -order : order;
    }

    private static int EffectiveExponent(Float80 a) => Math.Max(a.Exponent, (int)(a.Significand >> 63));
}
