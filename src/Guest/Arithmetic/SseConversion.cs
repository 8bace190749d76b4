// Between the two float formats of SSE, and between them and 32-bit integers.

using System.Numerics;

namespace Lguest.Guest.Arithmetic;

/// <summary>The CVT family, one lane at a time (Intel SDM vol. 2, CVTDQ2PD to CVTTSS2SI).</summary>
internal static class SseConversion
{
    /// <summary>Answer for what does not fit an integer: 80000000h.</summary>
    public const int Indefinite = int.MinValue;

    /// <summary>CVTSS2SD: exact.</summary>
    public static ulong Widen(uint value, ref SseContext context)
    {
        ulong bits = SseNumber<Binary32>.Operand(value, in context);
        ulong sign = (bits & SseNumber<Binary32>.SignBit) << 32;
        if (SseNumber<Binary32>.IsNaN(bits))
        {
            ulong quiet = SseNumber<Binary32>.Propagate(bits, bits, ref context);
            return sign | SseNumber<Binary64>.Infinity | ((quiet & 0x7F_FFFF) << 29);
        }
        if (SseNumber<Binary32>.IsInfinity(bits))
            return sign | SseNumber<Binary64>.Infinity;
        if (SseNumber<Binary32>.IsZero(bits))
            return sign;
        SseNumber<Binary32>.NoteDenormal(bits, ref context);
        var (exponent, significand) = SseNumber<Binary32>.Normalize(bits);
        return SseNumber<Binary64>.Round(sign, exponent - SseNumber<Binary32>.Bias + SseNumber<Binary64>.Bias, significand, ref context);
    }

    /// <summary>CVTSD2SS: rounds.</summary>
    public static uint Narrow(ulong value, ref SseContext context)
    {
        ulong bits = SseNumber<Binary64>.Operand(value, in context);
        ulong sign = (bits & SseNumber<Binary64>.SignBit) >> 32;
        if (SseNumber<Binary64>.IsNaN(bits))
        {
            ulong quiet = SseNumber<Binary64>.Propagate(bits, bits, ref context);
            return (uint)(sign | SseNumber<Binary32>.Infinity | ((quiet >> 29) & 0x7F_FFFF));
        }
        if (SseNumber<Binary64>.IsInfinity(bits))
            return (uint)(sign | SseNumber<Binary32>.Infinity);
        if (SseNumber<Binary64>.IsZero(bits))
            return (uint)sign;
        SseNumber<Binary64>.NoteDenormal(bits, ref context);
        var (exponent, significand) = SseNumber<Binary64>.Normalize(bits);
        return (uint)SseNumber<Binary32>.Round(sign, exponent - SseNumber<Binary64>.Bias + SseNumber<Binary32>.Bias, significand,
            ref context);
    }

    /// <summary>CVTSI2SS, CVTSI2SD, CVTPI2PS, CVTDQ2PD and so on.</summary>
    public static ulong FromInteger<TFormat>(int value, ref SseContext context)
        where TFormat : struct, IFloatFormat
    {
        if (value == 0)
            return 0;
        ulong magnitude = (ulong)Math.Abs((long)value);
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return SseNumber<TFormat>.Round(value < 0 ? SseNumber<TFormat>.SignBit : 0, SseNumber<TFormat>.Bias + 63 - shift,
            magnitude << shift, ref context);
    }

    /// <summary>CVTSS2SI and its family; truncating for the CVTT forms whatever RC says.</summary>
    public static int ToInteger<TFormat>(ulong value, bool truncate, ref SseContext context)
        where TFormat : struct, IFloatFormat
    {
        ulong bits = SseNumber<TFormat>.Operand(value, in context);
        if (SseNumber<TFormat>.IsZero(bits))
            return 0;
        bool negative = (bits & SseNumber<TFormat>.SignBit) != 0;
        int exponent = (int)(SseNumber<TFormat>.Magnitude(bits) >> TFormat.FractionBits) - SseNumber<TFormat>.Bias;
        if (exponent <= 31)
        {
            var (_, significand) = SseNumber<TFormat>.Normalize(bits);
            var (integer, fraction) = X87Rounding.ShiftRight(significand, 0, 63 - exponent);
            if (X87Rounding.RoundsUp(truncate ? X87Context.Chop : context.Rounding, negative, (integer & 1) != 0, fraction))
                integer++;
            if (integer <= 0x7FFF_FFFF || (negative && integer == 0x8000_0000))
            {
                if (fraction != 0)
                    context.Raised |= SseContext.Inexact;
                return (int)(negative ? 0 - integer : integer);
            }
        }
        context.Raised |= SseContext.Invalid;
        return Indefinite;
    }
}
