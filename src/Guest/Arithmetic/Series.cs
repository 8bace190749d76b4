// All elementary functions end in a short power series around zero. The coefficients follow from their definition when
// the program starts; there is no table of magic numbers to trust.

namespace Lguest.Guest.Arithmetic;

/// <summary>Power series 1 + c1 t + c2 t^2 ... with positive, falling coefficients in units of 2^-127, good to about 2^-122.</summary>
internal static class Series
{
    private static readonly UInt128[] _sine = Factorials(18, n => (ulong)(2 * n * (2 * n + 1)));
    private static readonly UInt128[] _cosine = Factorials(18, n => (ulong)((2 * n - 1) * 2 * n));
    private static readonly UInt128[] _exponential = Factorials(34, n => (ulong)(n + 1));
    private static readonly UInt128[] _odd = OddReciprocals(27);

    /// <summary>sin(r) / r for t = r^2 up to 0.62.</summary>
    public static WideFloat Sine(UInt128 t) => Alternating(_sine, _sine.Length, t);

    /// <summary>cos(r) for t = r^2 up to 0.62.</summary>
    public static WideFloat Cosine(UInt128 t) => Alternating(_cosine, _cosine.Length, t);

    /// <summary>atan(w) / w for t = w^2 up to 2^-7.</summary>
    public static WideFloat ArcTangent(UInt128 t) => Alternating(_odd, 19, t);

    /// <summary>artanh(s) / s for t = s^2 up to 0.03.</summary>
    public static WideFloat HyperbolicArcTangent(UInt128 t) => Rising(_odd, t);

    /// <summary>(e^y - 1) / y for |y| = t up to 0.7.</summary>
    public static WideFloat Exponential(UInt128 t, bool negative) =>
        negative ? Alternating(_exponential, _exponential.Length, t) : Rising(_exponential, t);

    private static WideFloat Alternating(UInt128[] coefficients, int count, UInt128 t)
    {
        var sum = coefficients[count - 1];
        for (int index = count - 2; index > 0; index--)
            sum = coefficients[index] - Wide.MultiplyHigh(t, sum);
        var difference = Wide.MultiplyHigh(t, sum);
        // However small t, the value is less than 1, and directed rounding must see that.
        return WideFloat.Normalize(0, Float80.Bias, coefficients[0] - (difference == 0 ? UInt128.One : difference));
    }

    private static WideFloat Rising(UInt128[] coefficients, UInt128 t)
    {
        var sum = coefficients[^1];
        for (int index = coefficients.Length - 2; index > 0; index--)
            sum = coefficients[index] + Wide.MultiplyHigh(t, sum);
        var difference = Wide.MultiplyHigh(t, sum);
        return WideFloat.Normalize(0, Float80.Bias, coefficients[0] + (difference == 0 ? UInt128.One : difference));
    }

    private static UInt128[] Factorials(int count, Func<int, ulong> step)
    {
        var coefficients = new UInt128[count];
        coefficients[0] = WideFloat.TopBit;
        for (int n = 1; n < count; n++)
            coefficients[n] = coefficients[n - 1] / step(n);
        return coefficients;
    }

    private static UInt128[] OddReciprocals(int count)
    {
        var coefficients = new UInt128[count];
        for (int n = 0; n < count; n++)
            coefficients[n] = WideFloat.TopBit / (ulong)(2 * n + 1);
        return coefficients;
    }
}
