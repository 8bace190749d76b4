// The elementary functions are computed with twice the bits that a register has, so that the one rounding at the end is
// the only error that shows. This is the number they are computed with.

namespace Lguest.Guest.Arithmetic;

/// <summary>
/// A nonzero number with a 128-bit significand: significand / 2^127 * 2^(exponent - 16383), bit 127 set. No overflow, no NaN; each
/// operation truncates and is good to about 126 bits.
/// </summary>
internal readonly struct WideFloat(uint sign, int exponent, UInt128 significand)
{
    public static readonly UInt128 TopBit = UInt128.One << 127;

    /// <summary>8000h or 0.</summary>
    public readonly uint Sign = sign;

    public readonly int Exponent = exponent;
    public readonly UInt128 Significand = significand;

    public WideFloat Negated => new(Sign ^ Float80.SignBit, Exponent, Significand);

    public WideFloat WithSign(uint sign) => new(sign, Exponent, Significand);

    /// <summary>A finite nonzero register value.</summary>
    public static WideFloat From(Float80 value)
    {
        var (exponent, significand) = X87Operands.Normalize(value);
        return new WideFloat(value.Sign, exponent, new UInt128(significand, 0));
    }

    /// <summary>value * 2^(exponent - 16383 - 127) for any value but 0.</summary>
    public static WideFloat Normalize(uint sign, int exponent, UInt128 value)
    {
        int shift = Wide.LeadingZeros(value);
        return new WideFloat(sign, exponent - shift, value << shift);
    }

    public static WideFloat operator *(WideFloat a, WideFloat b)
    {
        var product = Wide.MultiplyHigh(a.Significand, b.Significand);
        return Normalize(a.Sign ^ b.Sign, a.Exponent + b.Exponent - Float80.Bias + 1, product);
    }

    public static WideFloat operator /(WideFloat a, WideFloat b)
    {
        bool larger = a.Significand >= b.Significand;
        var quotient = Wide.DivideFraction(larger ? a.Significand >> 1 : a.Significand, b.Significand);
        return Normalize(a.Sign ^ b.Sign, a.Exponent - b.Exponent + Float80.Bias - (larger ? 0 : 1), quotient);
    }

    /// <summary>The sum; the operands must not cancel to zero.</summary>
    public static WideFloat operator +(WideFloat a, WideFloat b)
    {
        if (a.Exponent < b.Exponent || (a.Exponent == b.Exponent && a.Significand < b.Significand))
            (a, b) = (b, a);
        int distance = a.Exponent - b.Exponent;
        // What falls off the end leaves a trace, so that a sum is never taken for exact when it is not.
        var aligned = distance >= 128 ? UInt128.One : (b.Significand >> distance)
            | (distance > 0 && b.Significand << (128 - distance) != 0 ? 1u : 0u);
        if (a.Sign != b.Sign)
            return Normalize(a.Sign, a.Exponent, a.Significand - aligned);
        var sum = a.Significand + aligned;
        return sum < a.Significand
            ? new WideFloat(a.Sign, a.Exponent + 1, (sum >> 1) | (sum & 1) | TopBit)
            : new WideFloat(a.Sign, a.Exponent, sum);
    }

    public static WideFloat operator -(WideFloat a, WideFloat b) => a + b.Negated;

    /// <summary>The magnitude as a fraction of 2^128, for a magnitude below 1.</summary>
    public UInt128 Fraction()
    {
        int shift = Float80.Bias - 1 - Exponent;
        return shift >= 128 ? 0 : Significand >> shift;
    }

    /// <summary>The square of a magnitude below 1, as a fraction of 2^128.</summary>
    public UInt128 SquaredFraction()
    {
        int shift = 2 * (Float80.Bias - 1 - Exponent);
        return shift >= 128 ? 0 : Wide.MultiplyHigh(Significand, Significand) >> shift;
    }

    /// <summary>
    /// Rounds a value that the processor calls inexact even where its 64 bits would do: the flag is always raised, and a denormal result is
    /// an underflow.
    /// </summary>
    public Float80 RoundAsInexact(bool exact, ref X87Context context)
    {
        var result = Round(exact, ref context);
        context.Status |= X87Context.Inexact | (result.Exponent == 0 ? X87Context.Underflow : 0);
        return result;
    }

    /// <summary>Rounds to a register; an inexact value is never an exact result, whatever its 128 bits look like.</summary>
    public Float80 Round(bool exact, ref X87Context context) =>
        X87Rounding.ToExtended(Sign, Exponent, Wide.High(Significand), (ulong)Significand | (exact ? 0UL : 1UL), ref context);
}
