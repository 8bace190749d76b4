// The view of an SSE operand that its rules need (what kind of value is it, what is its significand) and the way back:
// rounding and packing with every flag that MXCSR keeps.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lguest.Guest.Arithmetic;

/// <summary>Values of one format as bits, and their rounding (Intel SDM vol. 1, 4.8, 4.9, 11.5.2). Tininess is detected after
/// rounding.</summary>
internal static class SseNumber<TFormat>
    where TFormat : struct, IFloatFormat
{
    private static int FractionBits => TFormat.FractionBits;

    public static ulong SignBit => ((ulong)TFormat.MaxExponent + 1) << FractionBits;

    public static ulong Infinity => (ulong)TFormat.MaxExponent << FractionBits;

    public static ulong QuietBit => 1UL << (FractionBits - 1);

    public static ulong Indefinite => SignBit | Infinity | QuietBit;

    public static int Bias => TFormat.MaxExponent >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Magnitude(ulong bits) => bits & (SignBit - 1);

    public static bool IsNaN(ulong bits) => Magnitude(bits) > Infinity;

    public static bool IsSignaling(ulong bits) => IsNaN(bits) && (bits & QuietBit) == 0;

    public static bool IsInfinity(ulong bits) => Magnitude(bits) == Infinity;

    public static bool IsZero(ulong bits) => Magnitude(bits) == 0;

    public static bool IsDenormal(ulong bits) => Magnitude(bits) - 1 < (1UL << FractionBits) - 1;

    /// <summary>Reads a denormal as zero where MXCSR.DAZ asks for that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Operand(ulong bits, in SseContext context) =>
        context.ReadsDenormalsAsZero && IsDenormal(bits) ? bits & SignBit : bits;

    public static void NoteDenormal(ulong bits, ref SseContext context)
    {
        if (IsDenormal(bits))
            context.Raised |= SseContext.Denormal;
    }

    public static ulong RaiseInvalid(ref SseContext context)
    {
        context.Raised |= SseContext.Invalid;
        return Indefinite;
    }

    /// <summary>The NaN that comes of two operands of which one or both are NaN: the first if it is one, quieted.</summary>
    public static ulong Propagate(ulong a, ulong b, ref SseContext context)
    {
        if (IsSignaling(a) || IsSignaling(b))
            context.Raised |= SseContext.Invalid;
        return (IsNaN(a) ? a : b) | QuietBit;
    }

    /// <summary>Exponent and significand of a finite nonzero number, the leading one in bit 63; the exponent may go below 1.</summary>
    public static (int Exponent, ulong Significand) Normalize(ulong bits)
    {
        int exponent = (int)(Magnitude(bits) >> FractionBits);
        ulong significand = bits << (63 - FractionBits);
        if (exponent != 0)
            return (exponent, significand | 1UL << 63);
        significand &= ulong.MaxValue >> 1;
        int shift = BitOperations.LeadingZeroCount(significand);
        return (1 - shift, significand << shift);
    }

    /// <summary>Rounds a normalized significand whose bit 0 is sticky.</summary>
    public static ulong Round(ulong sign, int exponent, ulong significand, ref SseContext context)
    {
        int dropped = 63 - FractionBits;
        bool tiny = false;
        if (exponent < 1)
        {
            tiny = !BecomesNormal(sign, exponent, significand, in context);
            if (tiny && context.FlushesToZero)
            {
                context.Raised |= SseContext.Underflow | SseContext.Inexact;
                return sign;
            }
            if (tiny && !context.IsMasked(SseContext.Underflow))
            {
                // Nothing will be stored; what remains to be said is whether the unbounded result is exact.
                context.Raised |= SseContext.Underflow | (significand << (64 - dropped) != 0 ? SseContext.Inexact : 0);
                return sign;
            }
            (significand, _) = Jam(significand, 1 - exponent);
            exponent = 1;
        }
        ulong fraction = significand << (64 - dropped);
        ulong kept = significand >> dropped;
        bool up = X87Rounding.RoundsUp(context.Rounding, sign != 0, (kept & 1) != 0, fraction);
        // Adding instead of joining lets a carry run on into the exponent; the leading one accounts for 1 of it.
        ulong result = ((ulong)(Math.Min(exponent, TFormat.MaxExponent) - 1) << FractionBits) + kept + (up ? 1UL : 0);
        if (result >= Infinity)
        {
            context.Raised |= SseContext.Overflow;
            if (context.IsMasked(SseContext.Overflow) || fraction != 0)
                context.Raised |= SseContext.Inexact;
            return sign | (X87Rounding.RoundsUp(context.Rounding, sign != 0, true, 1UL << 63) ? Infinity : Infinity - 1);
        }
        if (fraction != 0)
            context.Raised |= SseContext.Inexact | (tiny ? SseContext.Underflow : 0);
        return sign | result;
    }

    /// <summary>Shifts right, keeping a trace of what falls out in bit 0.</summary>
    public static (ulong Value, bool Lost) Jam(ulong value, int count)
    {
        if (count == 0)
            return (value, false);
        if (count > 63)
            return (value != 0 ? 1UL : 0, value != 0);
        bool lost = value << (64 - count) != 0;
        return ((value >> count) | (lost ? 1UL : 0), lost);
    }

    private static bool BecomesNormal(ulong sign, int exponent, ulong significand, in SseContext context)
    {
        int dropped = 63 - FractionBits;
        return exponent == 0 && (significand | ((1UL << dropped) - 1)) == ulong.MaxValue
            && X87Rounding.RoundsUp(context.Rounding, sign != 0, true, significand << (64 - dropped));
    }
}
