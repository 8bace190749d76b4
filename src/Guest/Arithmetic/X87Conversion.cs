// Memory speaks 32 and 64-bit floats and integers of three sizes; the registers speak 80 bits. This is the door between
// them. Loading is exact (but may quiet a NaN); storing rounds, and may refuse.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lguest.Guest.Arithmetic;

/// <summary>Conversions of FLD, FST, FILD and FIST (Intel SDM vol. 1, 8.1.2, 8.5; vol. 2, those pages).</summary>
internal static class X87Conversion
{
    private const ulong Half = 1UL << 63;

    public static Float80 FromInteger(long value)
    {
        if (value == 0)
            return default;
        ulong magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return new Float80(magnitude << shift, value < 0 ? Float80.SignBit : 0, Float80.Bias + 63 - shift);
    }

    /// <summary>FIST's integer in the given rounding; what does not fit, or is no number, raises #IA and gives the most negative
    /// integer.</summary>
    /// <param name="a">The number to convert.</param>
    /// <param name="bits">16, 32 or 64.</param>
    /// <param name="rounding">RC, or chop for the truncating forms.</param>
    /// <param name="context">Receives #IA or #P and C1.</param>
    public static long ToInteger(Float80 a, int bits, uint rounding, ref X87Context context)
    {
        long indefinite = long.MinValue >> (64 - bits);
        if (a.Exponent >= Float80.Bias + 64 || a.IsUnsupported)
        {
            context.Status |= X87Context.Invalid;
            return indefinite;
        }
        if (a.IsZero)
            return 0;
        ulong magnitude = X87Functions.IntegerMagnitude(a, rounding, out int change);
        ulong limit = (1UL << (bits - 1)) - (a.Sign != 0 ? 0 : 1UL);
        if (magnitude > limit)
        {
            context.Status |= X87Context.Invalid;
            return indefinite;
        }
        if (change != 0)
            context.Status |= X87Context.Inexact | (change > 0 ? X87Context.C1 : 0);
        return a.Sign != 0 ? -(long)magnitude : (long)magnitude;
    }

    public static bool IsDenormal32(uint bits) => (bits & 0x7F80_0000) == 0 && (bits & 0x007F_FFFF) != 0;

    public static bool IsDenormal64(ulong bits) => (bits & 0x7FF0_0000_0000_0000) == 0 && (bits & 0x000F_FFFF_FFFF_FFFF) != 0;

    /// <summary>
    /// A 32-bit float in 80 bits, no questions asked: a signaling NaN stays one, a denormal becomes a normal number. For the memory
    /// operands of arithmetic, whose #D the caller raises, see <see cref="IsDenormal32"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 Widen32(uint bits)
    {
        int exponent = (int)(bits >> 23) & 0xFF;
        uint sign = (bits >> 16) & Float80.SignBit;
        ulong fraction = (ulong)(bits & 0x007F_FFFF) << 40;
        if ((uint)(exponent - 1) < 0xFE)
            return new Float80(fraction | Half, sign, exponent + (Float80.Bias - 127));
        return WidenUnusual(sign, exponent != 0, fraction, Float80.Bias - 126);
    }

    /// <summary>As <see cref="Widen32"/>, for 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 Widen64(ulong bits)
    {
        int exponent = (int)(bits >> 52) & 0x7FF;
        uint sign = (uint)(bits >> 48) & Float80.SignBit;
        ulong fraction = (bits & 0x000F_FFFF_FFFF_FFFF) << 11;
        if ((uint)(exponent - 1) < 0x7FE)
            return new Float80(fraction | Half, sign, exponent + (Float80.Bias - 1023));
        return WidenUnusual(sign, exponent != 0, fraction, Float80.Bias - 1022);
    }

    /// <summary>
    /// FLD m32: raises #IA for a signaling NaN, which it quiets, and #D for a denormal. An unmasked #IA keeps the value from being
    /// pushed, an unmasked #D does not.
    /// </summary>
    public static Float80 Load32(uint bits, ref X87Context context) => Loaded(Widen32(bits), IsDenormal32(bits), ref context);

    /// <summary>FLD m64, as <see cref="Load32"/>.</summary>
    public static Float80 Load64(ulong bits, ref X87Context context) => Loaded(Widen64(bits), IsDenormal64(bits), ref context);

    /// <summary>FST m32. When an unmasked #IA, #O or #U is raised the result must not be stored.</summary>
    public static uint Store32(Float80 a, ref X87Context context) =>
        IsEasy(a, 127, context) ? (uint)StoreNearest(a, 40, 23, 127, ref context) : (uint)Store(a, 40, 0xFF, ref context);

    /// <summary>FST m64, as <see cref="Store32"/>.</summary>
    public static ulong Store64(Float80 a, ref X87Context context) =>
        IsEasy(a, 1023, context) ? StoreNearest(a, 11, 52, 1023, ref context) : Store(a, 11, 0x7FF, ref context);

    /// <summary>Rounding to nearest with an exponent that stays inside the format whatever the rounding does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsEasy(Float80 a, int bias, in X87Context context) =>
        context.Rounding == X87Context.Nearest && (uint)(a.Exponent - (Float80.Bias - bias + 1)) < (uint)(2 * bias - 2)
            && (long)a.Significand < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong StoreNearest(Float80 a, int dropped, int width, int bias, ref X87Context context)
    {
        ulong fraction = a.Significand << (64 - dropped);
        ulong kept = a.Significand >> dropped;
        ulong up = (fraction >> 63) & ((fraction << 1 != 0 ? 1UL : 0) | kept) & 1;
        context.Status |= (fraction != 0 ? X87Context.Inexact : 0) | ((uint)up * X87Context.C1);
        // The leading one counts as 1 of the exponent.
        ulong sign = (ulong)(a.Sign >> 15) << (width == 52 ? 63 : 31);
        return sign | (((ulong)(a.Exponent - Float80.Bias + bias - 1) << width) + kept + up);
    }

    private static Float80 WidenUnusual(uint sign, bool special, ulong fraction, int denormalExponent)
    {
        if (special)
            return new Float80(fraction | Half, sign, Float80.MaxExponent);
        if (fraction == 0)
            return Float80.Zero(sign);
        int shift = BitOperations.LeadingZeroCount(fraction);
        return new Float80(fraction << shift, sign, denormalExponent - shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80 Loaded(Float80 value, bool denormal, ref X87Context context)
    {
        if (denormal)
            context.RaiseDenormal();
        else if (value.IsSignalingNaN)
            return X87Operands.Answer(value, ref context);
        return value;
    }

    private static ulong Store(Float80 a, int dropped, int maxExponent, ref X87Context context)
    {
        int width = dropped == 40 ? 23 : 52;
        ulong sign = (ulong)(a.Sign >> 15) << (63 - (dropped == 40 ? 32 : 0));
        ulong infinity = (ulong)maxExponent << width;
        if (a.IsUnsupported)
        {
            context.RaiseInvalid();
            return (dropped == 40 ? 0x8000_0000UL : Half) | infinity | (1UL << (width - 1));
        }
        if (a.IsNaN)
            return sign | infinity | ((X87Operands.Answer(a, ref context).Significand & ~Half) >> dropped);
        if (a.IsInfinity)
            return sign | infinity;
        if (a.IsZero)
            return sign;

        // A denormal of 80 bits is far below the smallest denormal of any other format: no need to normalize it.
        // An exponent too large for the format may as well be just too large: the result is the same and cannot wrap.
        int exponent = Math.Min(Math.Max(a.Exponent, 1) - Float80.Bias + (maxExponent >> 1), maxExponent);
        var (high, low) = (a.Significand, 0UL);
        bool tiny = false;
        if (exponent < 1)
        {
            tiny = !BecomesNormal(a, exponent, dropped, context.Rounding);
            if (tiny && !context.IsMasked(X87Context.Underflow))
            {
                context.Status |= X87Context.Underflow;
                return 0;
            }
            (high, low) = X87Rounding.ShiftRight(high, 0, 1 - exponent);
            exponent = 0;
        }
        ulong fraction = (high << (64 - dropped)) | (low != 0 ? 1UL : 0);
        ulong kept = high >> dropped;
        bool up = X87Rounding.RoundsUp(context.Rounding, a.Sign != 0, (kept & 1) != 0, fraction);
        // Adding instead of joining lets a carry run on into the exponent; the written-out leading one accounts for 1 of it.
        ulong result = ((ulong)Math.Max(exponent - 1, 0) << width) + kept + (up ? 1UL : 0);
        if (result >= infinity)
        {
            context.Status |= X87Context.Overflow;
            if (!context.IsMasked(X87Context.Overflow))
                return 0;
            context.Status |= X87Context.Inexact;
            up = X87Rounding.RoundsUp(context.Rounding, a.Sign != 0, true, Half);
            context.Status |= up ? X87Context.C1 : 0;
            return sign | (up ? infinity : infinity - 1);
        }
        if (fraction != 0)
            context.Status |= X87Context.Inexact | (up ? X87Context.C1 : 0) | (tiny ? X87Context.Underflow : 0);
        return sign | result;
    }

    private static bool BecomesNormal(Float80 a, int exponent, int dropped, uint rounding)
    {
        ulong mask = (1UL << dropped) - 1;
        return exponent == 0 && (a.Significand | mask) == ulong.MaxValue
            && X87Rounding.RoundsUp(rounding, a.Sign != 0, true, a.Significand << (64 - dropped));
    }
}
