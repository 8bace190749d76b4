// Every x87 result passes through here: an exact (or sticky) significand of 128 bits becomes the 80 bits of a register.
// Rounding, precision control, overflow, underflow and their unmasked answers are decided in this one place.

using System.Runtime.CompilerServices;

namespace Lguest.Guest.Arithmetic;

/// <summary>Rounding to a register's format (Intel SDM vol. 1, 4.8.4, 4.9.1 and 8.5.4 to 8.5.6). Tininess is detected after
/// rounding.</summary>
internal static class X87Rounding
{
    private const ulong Half = 1UL << 63;
    private const int BiasAdjust = 24576;

    /// <summary>Rounds under precision control: for FADD, FSUB, FMUL, FDIV and FSQRT only.</summary>
    /// <param name="sign">8000h or 0.</param>
    /// <param name="exponent">Biased exponent of a significand in [1, 2); may lie outside 1 to 7FFEh.</param>
    /// <param name="high">Significand with its leading one in bit 63.</param>
    /// <param name="low">The 64 bits below it; bit 0 is sticky.</param>
    /// <param name="context">Control word in, status bits out.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 ToPrecision(uint sign, int exponent, ulong high, ulong low, ref X87Context context)
    {
        // Nearly always: full precision, nearest even, an exponent in the middle of the range.
        if ((context.Control & 0xF00) == X87Context.FullPrecision && (uint)(exponent - 1) < 0x7FFD)
        {
            // Which way it goes is a coin toss that no branch predictor wins, so nothing here branches on it.
            uint inexact = low != 0 ? 1u : 0;
            ulong up = (low >> 63) & ((low << 1 != 0 ? 1UL : 0) | high) & 1;
            context.Status |= (inexact * X87Context.Inexact) | ((uint)up * X87Context.C1);
            high += up;
            return high != 0 ? new Float80(high, sign, exponent) : new Float80(Half, sign, exponent + 1);
        }
        return Round(sign, exponent, high, low, context.DroppedBits, ref context);
    }

    /// <summary>Rounds to all 64 bits whatever precision control says: for every other operation.</summary>
    public static Float80 ToExtended(uint sign, int exponent, ulong high, ulong low, ref X87Context context) =>
        Round(sign, exponent, high, low, 0, ref context);

    /// <summary>Whether the magnitude has to grow by one unit, given the bits below that unit as a fraction of 2^64.</summary>
    public static bool RoundsUp(uint rounding, bool negative, bool odd, ulong fraction) => rounding switch
    {
        X87Context.Nearest => fraction > Half || (fraction == Half && odd),
        X87Context.Down => negative && fraction != 0,
        X87Context.Up => !negative && fraction != 0,
        _ => false,
    };

    private static Float80 Round(uint sign, int exponent, ulong high, ulong low, int dropped, ref X87Context context)
    {
        if (exponent < 1)
        {
            if (IsTiny(sign, exponent, high, low, dropped, in context))
            {
                if (context.IsMasked(X87Context.Underflow))
                    return RoundDenormal(sign, exponent, high, low, dropped, true, ref context);
                // The unmasked answer is the exact one moved up by 2^24576; FSCALE may have made it too small even for that.
                context.Status |= X87Context.Underflow;
                exponent += BiasAdjust;
                if (exponent < 1)
                {
                    context.Status |= X87Context.Inexact;
                    return Float80.Zero(sign);
                }
            }
            else
            {
                return RoundDenormal(sign, exponent, high, low, dropped, false, ref context);
            }
        }

        ulong fraction = Fraction(high, low, dropped);
        ulong unit = 1UL << dropped;
        bool up = RoundsUp(context.Rounding, sign != 0, (high & unit) != 0, fraction);
        ulong rounded = high & ~(unit - 1);
        int raised = exponent;
        if (up)
        {
            rounded += unit;
            if (rounded == 0)
            {
                rounded = Half;
                raised++;
            }
        }

        if (raised > 0x7FFE)
        {
            context.Status |= X87Context.Overflow;
            if (context.IsMasked(X87Context.Overflow))
                return MaskedOverflow(sign, unit, ref context);
            raised -= BiasAdjust;
            if (raised > 0x7FFE)
            {
                context.Status |= X87Context.Inexact | X87Context.C1;
                return Float80.Infinity(sign);
            }
        }
        if (fraction != 0)
            context.Status |= X87Context.Inexact | (up ? X87Context.C1 : 0);
        return new Float80(rounded, sign, raised);
    }

    private static Float80 MaskedOverflow(uint sign, ulong unit, ref X87Context context)
    {
        context.Status |= X87Context.Inexact;
        // Directed rounding that points back towards zero stops at the largest finite number.
        if (!RoundsUp(context.Rounding, sign != 0, true, Half))
            return new Float80(~(unit - 1), sign, 0x7FFE);
        context.Status |= X87Context.C1;
        return Float80.Infinity(sign);
    }

    private static Float80 RoundDenormal(uint sign, int exponent, ulong high, ulong low, int dropped, bool tiny, ref X87Context context)
    {
        (high, low) = ShiftRight(high, low, 1 - exponent);
        ulong fraction = Fraction(high, low, dropped);
        ulong unit = 1UL << dropped;
        bool up = RoundsUp(context.Rounding, sign != 0, (high & unit) != 0, fraction);
        ulong rounded = (high & ~(unit - 1)) + (up ? unit : 0);
        if (fraction != 0)
            context.Status |= X87Context.Inexact | (tiny ? X87Context.Underflow : 0) | (up ? X87Context.C1 : 0);
        // A carry into the integer bit makes it the smallest normal number.
        return new Float80(rounded, sign, (int)(rounded >> 63));
    }

    private static bool IsTiny(uint sign, int exponent, ulong high, ulong low, int dropped, in X87Context context)
    {
        if (exponent < 0)
            return true;
        ulong unit = 1UL << dropped;
        bool carries = (high | (unit - 1)) == ulong.MaxValue
            && RoundsUp(context.Rounding, sign != 0, true, Fraction(high, low, dropped));
        return !carries;
    }

    /// <summary>The bits that are cut off, as a fraction of the last kept unit, scaled by 2^64, sticky at the bottom.</summary>
    private static ulong Fraction(ulong high, ulong low, int dropped) =>
        dropped == 0 ? low : (high << (64 - dropped)) | (low != 0 ? 1UL : 0);

    /// <summary>Shifts 128 bits right; what falls out stays visible in bit 0.</summary>
    public static (ulong High, ulong Low) ShiftRight(ulong high, ulong low, int count)
    {
        if (count == 0)
            return (high, low);
        if (count < 64)
            return (high >> count, (high << (64 - count)) | (low >> count) | (low << (64 - count) != 0 ? 1UL : 0));
        if (count == 64)
            return (0, high | (low != 0 ? 1UL : 0));
        if (count < 128)
            return (0, (high >> (count - 64)) | ((high << (128 - count)) | low) switch { 0 => 0UL, _ => 1UL });
        return (0, (high | low) != 0 ? 1UL : 0);
    }
}
