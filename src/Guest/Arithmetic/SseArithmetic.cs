// ADD, SUB, MUL, DIV, SQRT, MIN, MAX and the comparisons of SSE and SSE2, one lane at a time, exact to the last flag. The
// handlers take the host's own arithmetic where it provably gives the same; this is for everything else.

using System.Numerics;

namespace Lguest.Guest.Arithmetic;

/// <summary>Arithmetic on one lane of a format, as bits (Intel SDM vol. 1, 11.5; vol. 2, the scalar instructions).</summary>
internal static class SseArithmetic<TFormat>
    where TFormat : struct, IFloatFormat
{
    public static ulong Add(ulong a, ulong b, ref SseContext context) => Sum(a, b, 0, ref context);

    public static ulong Subtract(ulong a, ulong b, ref SseContext context) => Sum(a, b, SseNumber<TFormat>.SignBit, ref context);

    public static ulong Multiply(ulong a, ulong b, ref SseContext context)
    {
        a = SseNumber<TFormat>.Operand(a, in context);
        b = SseNumber<TFormat>.Operand(b, in context);
        if (SseNumber<TFormat>.IsNaN(a) || SseNumber<TFormat>.IsNaN(b))
            return SseNumber<TFormat>.Propagate(a, b, ref context);
        ulong sign = (a ^ b) & SseNumber<TFormat>.SignBit;
        bool infinite = SseNumber<TFormat>.IsInfinity(a) || SseNumber<TFormat>.IsInfinity(b);
        bool zero = SseNumber<TFormat>.IsZero(a) || SseNumber<TFormat>.IsZero(b);
        if (infinite && zero)
            return SseNumber<TFormat>.RaiseInvalid(ref context);
        NoteDenormals(a, b, ref context);
        if (infinite)
            return sign | SseNumber<TFormat>.Infinity;
        if (zero)
            return sign;
        var (exponentA, significandA) = SseNumber<TFormat>.Normalize(a);
        var (exponentB, significandB) = SseNumber<TFormat>.Normalize(b);
        ulong high = Math.BigMul(significandA, significandB, out ulong low);
        int exponent = exponentA + exponentB - SseNumber<TFormat>.Bias + 1;
        high |= low != 0 ? 1UL : 0;
        if ((long)high >= 0)
        {
            // Both significands end in zeros, so the shifted-in bit is zero as well.
            high = (high << 1) | (high & 1);
            exponent--;
        }
        return SseNumber<TFormat>.Round(sign, exponent, high, ref context);
    }

    public static ulong Divide(ulong a, ulong b, ref SseContext context)
    {
        a = SseNumber<TFormat>.Operand(a, in context);
        b = SseNumber<TFormat>.Operand(b, in context);
        if (SseNumber<TFormat>.IsNaN(a) || SseNumber<TFormat>.IsNaN(b))
            return SseNumber<TFormat>.Propagate(a, b, ref context);
        ulong sign = (a ^ b) & SseNumber<TFormat>.SignBit;
        bool infiniteA = SseNumber<TFormat>.IsInfinity(a), infiniteB = SseNumber<TFormat>.IsInfinity(b);
        bool zeroA = SseNumber<TFormat>.IsZero(a), zeroB = SseNumber<TFormat>.IsZero(b);
        if ((infiniteA && infiniteB) || (zeroA && zeroB))
            return SseNumber<TFormat>.RaiseInvalid(ref context);
        if (zeroB && !infiniteA)
        {
            context.Raised |= SseContext.ZeroDivide;
            return sign | SseNumber<TFormat>.Infinity;
        }
        NoteDenormals(a, b, ref context);
        if (infiniteA)
            return sign | SseNumber<TFormat>.Infinity;
        if (infiniteB || zeroA)
            return sign;
        var (exponentA, significandA) = SseNumber<TFormat>.Normalize(a);
        var (exponentB, significandB) = SseNumber<TFormat>.Normalize(b);
        int exponent = exponentA - exponentB + SseNumber<TFormat>.Bias;
        ulong rest = 0;
        if (significandA < significandB)
        {
            exponent--;
        }
        else
        {
            rest = significandA << 63;
            significandA >>= 1;
        }
        ulong quotient = Wide.Divide(significandA, rest, significandB, out ulong remainder);
        return SseNumber<TFormat>.Round(sign, exponent, quotient | (remainder != 0 ? 1UL : 0), ref context);
    }

    public static ulong SquareRoot(ulong a, ref SseContext context)
    {
        a = SseNumber<TFormat>.Operand(a, in context);
        if (SseNumber<TFormat>.IsNaN(a))
            return SseNumber<TFormat>.Propagate(a, a, ref context);
        if (SseNumber<TFormat>.IsZero(a))
            return a;
        if ((a & SseNumber<TFormat>.SignBit) != 0)
            return SseNumber<TFormat>.RaiseInvalid(ref context);
        SseNumber<TFormat>.NoteDenormal(a, ref context);
        if (SseNumber<TFormat>.IsInfinity(a))
            return a;
        var (exponent, significand) = SseNumber<TFormat>.Normalize(a);
        int power = exponent - SseNumber<TFormat>.Bias;
        int odd = power & 1;
        var radicand = odd == 0 ? new UInt128(significand >> 1, significand << 63) : new UInt128(significand, 0);
        ulong root = Wide.SquareRoot(radicand);
        ulong sticky = Wide.Multiply(root, root) != radicand ? 1UL : 0;
        return SseNumber<TFormat>.Round(0, ((power - odd) >> 1) + SseNumber<TFormat>.Bias, root | sticky, ref context);
    }

    /// <summary>MIN: the second operand for zeros and for NaNs, which are invalid even when quiet.</summary>
    public static ulong Minimum(ulong a, ulong b, ref SseContext context) => Order(ref a, ref b, ref context) < 0 ? a : b;

    /// <summary>MAX, with the same preference for the second operand.</summary>
    public static ulong Maximum(ulong a, ulong b, ref SseContext context) => Order(ref a, ref b, ref context) == 1 ? a : b;

    /// <summary>CMPxx: whether one of the eight predicates holds (EQ LT LE UNORD NEQ NLT NLE ORD).</summary>
    public static bool Compare(ulong a, ulong b, int predicate, ref SseContext context)
    {
        // LT, LE and their negations object to quiet NaNs too.
        int order = Ordering(a, b, (predicate & 3) is 0 or 3, ref context);
        bool holds = (predicate & 3) switch
        {
            0 => order == 0,
            1 => order == -1,
            2 => order is 0 or -1,
            _ => order == Unordered,
        };
        return holds != (predicate >= 4);
    }

    /// <summary>COMIS and UCOMIS: -1, 0, 1 or <see cref="Unordered"/>.</summary>
    public static int Ordering(ulong a, ulong b, bool quiet, ref SseContext context)
    {
        a = SseNumber<TFormat>.Operand(a, in context);
        b = SseNumber<TFormat>.Operand(b, in context);
        if (SseNumber<TFormat>.IsNaN(a) || SseNumber<TFormat>.IsNaN(b))
        {
            if (!quiet || SseNumber<TFormat>.IsSignaling(a) || SseNumber<TFormat>.IsSignaling(b))
                context.Raised |= SseContext.Invalid;
            return Unordered;
        }
        NoteDenormals(a, b, ref context);
        return Signed(a).CompareTo(Signed(b));
    }

    public const int Unordered = 2;

    private static int Order(ref ulong a, ref ulong b, ref SseContext context)
    {
        int order = Ordering(a, b, false, ref context);
        // A denormal that is read as zero is also answered as zero, a NaN as it came.
        a = SseNumber<TFormat>.Operand(a, in context);
        b = SseNumber<TFormat>.Operand(b, in context);
        return order == Unordered ? 0 : order;
    }

    private static long Signed(ulong bits)
    {
        long magnitude = (long)SseNumber<TFormat>.Magnitude(bits);
        return (bits & SseNumber<TFormat>.SignBit) != 0 ? -magnitude : magnitude;
    }

    private static void NoteDenormals(ulong a, ulong b, ref SseContext context)
    {
        SseNumber<TFormat>.NoteDenormal(a, ref context);
        SseNumber<TFormat>.NoteDenormal(b, ref context);
    }

    private static ulong Sum(ulong a, ulong b, ulong flip, ref SseContext context)
    {
        a = SseNumber<TFormat>.Operand(a, in context);
        b = SseNumber<TFormat>.Operand(b, in context);
        if (SseNumber<TFormat>.IsNaN(a) || SseNumber<TFormat>.IsNaN(b))
            return SseNumber<TFormat>.Propagate(a, b, ref context);
        b ^= flip;
        ulong signA = a & SseNumber<TFormat>.SignBit, signB = b & SseNumber<TFormat>.SignBit;
        bool infiniteA = SseNumber<TFormat>.IsInfinity(a), infiniteB = SseNumber<TFormat>.IsInfinity(b);
        if (infiniteA && infiniteB && signA != signB)
            return SseNumber<TFormat>.RaiseInvalid(ref context);
        NoteDenormals(a, b, ref context);
        if (infiniteA || infiniteB)
            return infiniteA ? a : b;
        if (SseNumber<TFormat>.IsZero(a) && SseNumber<TFormat>.IsZero(b))
            return signA == signB ? a : Zero(in context);
        if (SseNumber<TFormat>.IsZero(a))
            return Rounded(b, ref context);
        if (SseNumber<TFormat>.IsZero(b))
            return Rounded(a, ref context);

        if (SseNumber<TFormat>.Magnitude(a) < SseNumber<TFormat>.Magnitude(b))
            (a, signA, b, signB) = (b, signB, a, signA);
        var (exponentA, significandA) = SseNumber<TFormat>.Normalize(a);
        var (exponentB, significandB) = SseNumber<TFormat>.Normalize(b);
        // One bit of head room; the formats leave at least ten below.
        ulong x = significandA >> 1;
        var (y, _) = SseNumber<TFormat>.Jam(significandB >> 1, exponentA - exponentB);
        ulong sum = signA == signB ? x + y : x - y;
        if (sum == 0)
            return Zero(in context);
        int shift = BitOperations.LeadingZeroCount(sum);
        return SseNumber<TFormat>.Round(signA, exponentA + 1 - shift, sum << shift, ref context);
    }

    private static ulong Zero(in SseContext context) => context.Rounding == X87Context.Down ? SseNumber<TFormat>.SignBit : 0;

    private static ulong Rounded(ulong bits, ref SseContext context)
    {
        // Nothing to round, but a denormal may have to be flushed.
        var (exponent, significand) = SseNumber<TFormat>.Normalize(bits);
        return SseNumber<TFormat>.Round(bits & SseNumber<TFormat>.SignBit, exponent, significand, ref context);
    }
}
