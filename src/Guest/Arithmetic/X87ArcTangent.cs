// FPATAN: the angle of a point, with its own rule for every pair of zeros, infinities and signs.

namespace Lguest.Guest.Arithmetic;

/// <summary>The two-argument arctangent (Intel SDM vol. 2, FPATAN, table 3-30). Precision control does not apply.</summary>
internal static class X87ArcTangent
{
    private static readonly WideFloat _pi = new(0, Float80.Bias + 1, new(0xC90F_DAA2_2168_C234, 0xC4C6_628B_80DC_1CD1));
    private static readonly WideFloat _halfPi = new(0, Float80.Bias, _pi.Significand);
    private static readonly WideFloat _quarterPi = new(0, Float80.Bias - 1, _pi.Significand);

    // atan(n / 8) for n from 1 to 8.
    private static readonly WideFloat[] _eighths =
    [
        new(0, Float80.Bias - 4, new(0xFEAD_D4D5_617B_6E32, 0xC897_989F_3E88_8EF7)),
        new(0, Float80.Bias - 3, new(0xFADB_AFC9_6406_EB15, 0x6DC7_9EF5_F7A2_17E5)),
        new(0, Float80.Bias - 2, new(0xB7B0_CA0F_26F7_8473, 0x8AA3_2122_DCFE_4483)),
        new(0, Float80.Bias - 2, new(0xED63_382B_0DDA_7B45, 0x6FE4_45EC_BC3A_8D03)),
        new(0, Float80.Bias - 1, new(0x8F00_5D5E_F7F5_9F9B, 0x5C83_5E16_65C4_3747)),
        new(0, Float80.Bias - 1, new(0xA4BC_7D19_34F7_0924, 0x19A8_7F2A_457D_AC9E)),
        new(0, Float80.Bias - 1, new(0xB805_3E2B_C231_9E73, 0xCB2D_A552_10A4_443D)),
        _quarterPi,
    ];

    // From here downwards the processor takes the angle for the ratio itself.
    private const int TinyRatio = -41;

    /// <summary>The angle of the point (x, y) in (-pi, pi]: y is ST(1), x is ST(0).</summary>
    public static Float80 Angle(Float80 y, Float80 x, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(x, y))
            return X87Operands.Answer(x, y, ref context);
        if (X87Operands.StopAtDenormal(x, y, ref context))
            return default;
        if (y.IsZero || x.IsInfinity || y.IsInfinity || x.IsZero)
            return OnAxisOrDiagonal(y, x, ref context);

        var (wideY, wideX) = (WideFloat.From(y.Magnitude), WideFloat.From(x.Magnitude));
        if (x.Sign == 0 && wideY.Exponent - wideX.Exponent <= TinyRatio)
            return Ratio(y, x, ref context);
        var angle = Acute(wideY, wideX);
        if (x.Sign != 0)
            angle = _pi - angle;
        return angle.WithSign(y.Sign).Round(false, ref context);
    }

    private static Float80 Ratio(Float80 y, Float80 x, ref X87Context context)
    {
        X87Context division = new(context.Control | X87Context.FullPrecision);
        var ratio = X87Arithmetic.Divide(y, x, ref division);
        context.Status |= division.Status | X87Context.Inexact | (ratio.Exponent == 0 ? X87Context.Underflow : 0);
        return ratio;
    }

    private static Float80 OnAxisOrDiagonal(Float80 y, Float80 x, ref X87Context context)
    {
        WideFloat angle;
        if (x.IsInfinity && y.IsInfinity)
            angle = x.Sign == 0 ? _quarterPi : _pi - _quarterPi;
        else if (y.IsInfinity || (x.IsZero && !y.IsZero))
            angle = _halfPi;
        else if (x.Sign == 0)
            return Float80.Zero(y.Sign);
        else
            angle = _pi;
        return angle.WithSign(y.Sign).Round(false, ref context);
    }

    /// <summary>The angle of a point in the first quadrant.</summary>
    private static WideFloat Acute(WideFloat y, WideFloat x)
    {
        bool steep = y.Exponent > x.Exponent || (y.Exponent == x.Exponent && y.Significand > x.Significand);
        var angle = steep ? Flat(x, y) : Flat(y, x);
        return steep ? _halfPi - angle : angle;
    }

    /// <summary>atan(y / x) for y not above x: the nearest eighth is taken off, so that the series for the rest is short.</summary>
    private static WideFloat Flat(WideFloat y, WideFloat x)
    {
        int distance = x.Exponent - y.Exponent;
        int eighth = distance > 4 ? 0 : NearestEighth(y, x, distance);
        if (eighth == 0)
            return Small(y / x);

        // tan(a - b) with tan(b) = eighth / 8, over integers that hold every bit.
        var rise = Wide.High(y.Significand) * (UInt128)8;
        var run = (UInt128)Wide.High(x.Significand) << distance;
        uint sign = rise < run * (ulong)eighth ? Float80.SignBit : 0;
        var numerator = sign == 0 ? rise - run * (ulong)eighth : run * (ulong)eighth - rise;
        var denominator = run * 8 + Wide.High(y.Significand) * (UInt128)eighth;
        var known = _eighths[eighth - 1];
        if (numerator == 0)
            return known;
        return known + Small(WideFloat.Normalize(sign, Float80.Bias, numerator) / WideFloat.Normalize(0, Float80.Bias, denominator));
    }

    private static WideFloat Small(WideFloat w) => w * Series.ArcTangent(w.SquaredFraction());

    private static int NearestEighth(WideFloat y, WideFloat x, int distance)
    {
        double ratio = (double)Wide.High(y.Significand) / Wide.High(x.Significand) / (1 << distance);
        return (int)(ratio * 8 + 0.5);
    }
}
