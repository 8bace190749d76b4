// FSIN, FCOS, FSINCOS and FPTAN. What makes them the x87's own is the circle they measure: the processor reduces its
// argument with a pi of 66 bits, not with the true one, and programs see the difference near multiples of pi. Within that
// circle the results are correctly rounded.

namespace Lguest.Guest.Arithmetic;

/// <summary>Trigonometric functions of a register (Intel SDM vol. 1, 8.3.8 and 8.3.10). Precision control does not apply.</summary>
internal static class X87Trigonometry
{
    // pi as the processor has it, 0.C90FDAA2_2168C234_C * 4, is this integer times 2^-64; half of it, times 2^-65.
    private static readonly UInt128 _pi = new(0x3, 0x243F_6A88_85A3_08D3);

    // From here downwards the processor takes sine and tangent for the angle itself and the cosine for 1, in every rounding mode.
    private const int TinyExponent = 0x3FBA;

    public static Float80 Sine(Float80 a, ref X87Context context)
    {
        if (!TryStart(a, out var answer, ref context))
            return answer;
        if (a.IsZero)
            return a;
        return IsTiny(a) ? WideFloat.From(a).RoundAsInexact(true, ref context) : SineOf(a).Round(false, ref context);
    }

    public static Float80 Cosine(Float80 a, ref X87Context context)
    {
        if (!TryStart(a, out var answer, ref context))
            return answer;
        if (a.IsZero)
            return Float80.One;
        return IsTiny(a) ? One(ref context) : CosineOf(a).Round(false, ref context);
    }

    /// <summary>FSINCOS: both at once; on an invalid operand both are the same answer.</summary>
    public static (Float80 Sine, Float80 Cosine) SineCosine(Float80 a, ref X87Context context)
    {
        if (!TryStart(a, out var answer, ref context))
            return (answer, answer);
        if (a.IsZero)
            return (a, Float80.One);
        if (IsTiny(a))
            return (WideFloat.From(a).RoundAsInexact(true, ref context), One(ref context));
        var (quadrant, rest) = Reduce(a.Magnitude);
        var (sine, cosine) = At(quadrant, rest);
        // The flags of both results count; the direction of rounding is that of the cosine, which is rounded last.
        var rounded = sine.WithSign(sine.Sign ^ a.Sign).Round(false, ref context);
        context.Status &= ~X87Context.C1;
        return (rounded, cosine.Round(false, ref context));
    }

    /// <summary>FPTAN's tangent; the 1 that the instruction pushes after it is the caller's, and so is pushing an invalid answer
    /// twice.</summary>
    public static Float80 Tangent(Float80 a, ref X87Context context)
    {
        if (!TryStart(a, out var answer, ref context))
            return answer;
        if (a.IsZero)
            return a;
        if (IsTiny(a))
            return WideFloat.From(a).RoundAsInexact(true, ref context);
        var (quadrant, rest) = Reduce(a.Magnitude);
        var (sine, cosine) = At(quadrant, rest);
        var tangent = sine / cosine;
        return tangent.WithSign(tangent.Sign ^ a.Sign).Round(false, ref context);
    }

    private static bool IsTiny(Float80 a) => a.Exponent <= TinyExponent;

    private static Float80 One(ref X87Context context)
    {
        context.Status |= X87Context.Inexact;
        return Float80.One;
    }

    /// <summary>False when the answer is there already: NaN, infinity, an unmasked denormal, or an argument of 2^63 and more, which sets
    /// C2.</summary>
    private static bool TryStart(Float80 a, out Float80 answer, ref X87Context context)
    {
        answer = a;
        if (X87Operands.NeedAnswer(a))
        {
            answer = X87Operands.Answer(a, ref context);
            return false;
        }
        if (a.IsInfinity)
        {
            answer = context.RaiseInvalid();
            return false;
        }
        if (a.Exponent >= Float80.Bias + 63)
        {
            context.Status |= X87Context.C2;
            return false;
        }
        return !X87Operands.StopAtDenormal(a, ref context);
    }

    private static WideFloat SineOf(Float80 a)
    {
        var (quadrant, rest) = Reduce(a.Magnitude);
        var sine = At(quadrant, rest).Sine;
        return sine.WithSign(sine.Sign ^ a.Sign);
    }

    private static WideFloat CosineOf(Float80 a)
    {
        var (quadrant, rest) = Reduce(a.Magnitude);
        return At(quadrant, rest).Cosine;
    }

    private static (WideFloat Sine, WideFloat Cosine) At(uint quadrant, WideFloat rest)
    {
        var t = rest.SquaredFraction();
        var sine = rest * Series.Sine(t);
        var cosine = Series.Cosine(t);
        return (quadrant & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, sine.Negated),
            2 => (sine.Negated, cosine.Negated),
            _ => (cosine.Negated, sine),
        };
    }

    /// <summary>The nearest multiple of pi/2, modulo 4 turns of it, and what is left: exact, and never zero.</summary>
    private static (uint Quadrant, WideFloat Remainder) Reduce(Float80 a)
    {
        if (a.Exponent < Float80.Bias - 1)
            return (0, WideFloat.From(a));
        // In units of 2^-65, where both the argument and pi/2 are whole.
        var units = new UInt128(0, a.Significand) << (a.Exponent - Float80.Bias + 2);
        var multiple = units / _pi;
        var rest = units - multiple * _pi;
        uint sign = 0u;
        if (rest > _pi >> 1)
        {
            rest = _pi - rest;
            sign = Float80.SignBit;
            multiple++;
        }
        return ((uint)multiple, WideFloat.Normalize(sign, Float80.Bias + 62, rest));
    }
}
