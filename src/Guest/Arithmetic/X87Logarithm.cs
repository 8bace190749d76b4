// FYL2X, FYL2XP1 and F2XM1: logarithm and exponential to the base 2, from which a C library makes all others.

namespace Lguest.Guest.Arithmetic;

/// <summary>Logarithms and exponentials (Intel SDM vol. 1, 8.3.9; vol. 2, those pages). Precision control does not apply.</summary>
internal static class X87Logarithm
{
    private static readonly UInt128 _rootOfTwo = new(0xB504_F333_F9DE_6484, 0x597D_89B3_754A_BE9F);

    // ln 2 and 2 / ln 2.
    private static readonly WideFloat _naturalTwo = new(0, Float80.Bias - 1, new(0xB172_17F7_D1CF_79AB, 0xC9E3_B398_03F2_F6AF));
    private static readonly WideFloat _twiceBinaryE = new(0, Float80.Bias + 1, new(0xB8AA_3B29_5C17_F0BB, 0xBE87_FED0_691D_3E88));

    /// <summary>y * log2(x): y is ST(1), x is ST(0).</summary>
    public static Float80 YTimesLog2(Float80 x, Float80 y, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(x, y))
            return X87Operands.Answer(x, y, ref context);
        if (x.IsZero)
            return OfZero(y, ref context);
        if (x.Sign != 0)
            return context.RaiseInvalid();
        bool belowOne = x.Exponent < Float80.Bias;
        bool isOne = x == Float80.One;
        if ((x.IsInfinity && y.IsZero) || (isOne && y.IsInfinity))
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(x, y, ref context))
            return default;
        uint sign = y.Sign ^ (belowOne ? Float80.SignBit : 0);
        if (x.IsInfinity || y.IsInfinity)
            return Float80.Infinity(sign);
        if (y.IsZero || isOne)
            return Float80.Zero(sign);
        var logarithm = Log2(WideFloat.From(x), out bool exact);
        return Times(logarithm, y, exact, ref context);
    }

    /// <summary>y * log2(x + 1), meant for x within 1 - sqrt(1/2) of zero; beyond that it goes on as the logarithm does, down to
    /// -1.</summary>
    public static Float80 YTimesLog2OfOnePlus(Float80 x, Float80 y, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(x, y))
            return X87Operands.Answer(x, y, ref context);
        if ((x.IsZero && y.IsInfinity) || (x.IsInfinity && (y.IsZero || x.Sign != 0)))
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(x, y, ref context))
            return default;
        uint sign = x.Sign ^ y.Sign;
        if (x.IsInfinity || y.IsInfinity)
            return Float80.Infinity(sign);
        if (x.IsZero || y.IsZero)
            return Float80.Zero(sign);
        if (x.Sign != 0 && x.Exponent >= Float80.Bias)
        {
            // Undefined in the manual; the processor leaves x as it is.
            context.Status |= X87Context.Inexact;
            return x;
        }

        var wide = WideFloat.From(x);
        var one = WideFloat.From(Float80.One);
        if (x.Exponent >= Float80.Bias - 2)
        {
            var logarithm = Log2(wide + one, out bool exact);
            return Times(logarithm, y, exact, ref context);
        }
        var two = new WideFloat(0, Float80.Bias + 1, WideFloat.TopBit);
        return Times(OfQuotient(wide / (wide + two)), y, false, ref context);
    }

    /// <summary>2^x - 1 for x from -1 to 1; beyond, where the manual defines nothing, x comes back as it is.</summary>
    public static Float80 TwoToXMinusOne(Float80 x, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(x))
            return X87Operands.Answer(x, ref context);
        if (x.IsInfinity)
            return x.Sign == 0 ? x : Float80.One.Negated;
        if (x.IsZero || X87Operands.StopAtDenormal(x, ref context))
            return x;
        context.Status |= X87Context.Inexact;
        if (x.Exponent >= Float80.Bias)
            return x == Float80.One.Negated ? new Float80(Float80.IntegerBit, Float80.SignBit, Float80.Bias - 1) : x;
        var exponent = WideFloat.From(x) * _naturalTwo;
        return (exponent * Series.Exponential(exponent.Fraction(), x.Sign != 0)).Round(false, ref context);
    }

    private static Float80 OfZero(Float80 y, ref X87Context context)
    {
        if (y.IsZero)
            return context.RaiseInvalid();
        if (!y.IsInfinity)
            context.RaiseZeroDivide();
        return Float80.Infinity(y.Sign ^ Float80.SignBit);
    }

    /// <summary>The product; even that of a power of two counts as inexact.</summary>
    private static Float80 Times(WideFloat logarithm, Float80 y, bool exact, ref X87Context context) =>
        (logarithm * WideFloat.From(y)).RoundAsInexact(exact, ref context);

    /// <summary>log2 of anything positive but 1; exact for powers of two.</summary>
    private static WideFloat Log2(WideFloat x, out bool exact)
    {
        // x = m * 2^power with m in [sqrt(1/2), sqrt(2)); below 1, m is kept doubled.
        int power = x.Exponent - Float80.Bias;
        bool halved = x.Significand > _rootOfTwo;
        if (halved)
            power++;
        exact = x.Significand == WideFloat.TopBit;
        if (exact)
            return Integer(power);
        // log m = 2 artanh((m - 1) / (m + 1)); numerator and denominator are exact but for the very last bit.
        var quotient = halved
            ? WideFloat.Normalize(Float80.SignBit, Float80.Bias, 0 - x.Significand)
                / WideFloat.Normalize(0, Float80.Bias + 1, (x.Significand >> 1) | WideFloat.TopBit)
            : WideFloat.Normalize(0, Float80.Bias, x.Significand - WideFloat.TopBit)
                / WideFloat.Normalize(0, Float80.Bias + 1, (x.Significand >> 1) + (WideFloat.TopBit >> 1));
        var logarithm = OfQuotient(quotient);
        return power == 0 ? logarithm : logarithm + Integer(power);
    }

    private static WideFloat OfQuotient(WideFloat quotient) =>
        quotient * Series.HyperbolicArcTangent(quotient.SquaredFraction()) * _twiceBinaryE;

    private static WideFloat Integer(int value) => WideFloat.From(X87Conversion.FromInteger(value));
}
