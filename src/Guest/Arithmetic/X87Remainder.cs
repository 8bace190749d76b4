// FPREM and FPREM1 are the oddest of the exact operations: they may stop half way and leave the rest to a loop in the
// program. How far one step gets is the processor's choice, and programs can see it, so it is made here as the hardware does.

using System.Numerics;

namespace Lguest.Guest.Arithmetic;

/// <summary>Partial remainders (Intel SDM vol. 2, FPREM and FPREM1). The quotient's low bits go to C0 (bit 2), C3 (bit 1), C1 (bit
/// 0).</summary>
internal static class X87Remainder
{
    /// <summary>The remainder of truncating division; C2 is set when only part of the way was done.</summary>
    public static Float80 Truncating(Float80 a, Float80 b, ref X87Context context) => Remainder(a, b, false, ref context);

    /// <summary>The IEEE 754 remainder, whose quotient is rounded to the nearest even integer.</summary>
    public static Float80 Nearest(Float80 a, Float80 b, ref X87Context context) => Remainder(a, b, true, ref context);

    private static Float80 Remainder(Float80 a, Float80 b, bool nearest, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(a, b))
            return X87Operands.Answer(a, b, ref context);
        if (a.IsInfinity || b.IsZero)
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(a, b, ref context))
            return default;
        if (a.IsZero || b.IsInfinity)
        {
            SetQuotient(0, ref context);
            return a.Canonical;
        }

        var (exponentA, significandA) = X87Operands.Normalize(a);
        var (exponentB, significandB) = X87Operands.Normalize(b);
        int distance = exponentA - exponentB;
        if (distance < 0)
        {
            // Less than half of b stays as it is; between half of b and b the nearest quotient is 1.
            if (!nearest || distance < -1 || significandA <= significandB)
            {
                SetQuotient(0, ref context);
                return Pack(a.Sign, (exponentA, significandA), ref context);
            }
            SetQuotient(1, ref context);
            return Pack(a.Sign ^ Float80.SignBit, (exponentA, significandB - (significandA - significandB)), ref context);
        }

        int steps = distance;
        if (distance >= 64)
        {
            steps = (distance & 31) | 32;
            context.Status |= X87Context.C2 | X87Context.HasQuotient;
        }
        ulong rest = Divide(significandA, significandB, steps, out ulong quotient);
        uint sign = a.Sign;
        if (distance < 64)
        {
            if (nearest && rest != 0 && (rest > significandB - rest || (rest == significandB - rest && (quotient & 1) != 0)))
            {
                rest = significandB - rest;
                sign ^= Float80.SignBit;
                quotient++;
            }
            SetQuotient(quotient, ref context);
        }
        return rest == 0 ? Float80.Zero(a.Sign) : Pack(sign, (exponentA - steps, rest), ref context);
    }

    /// <summary>The remainder of a * 2^steps by b for normalized significands and steps below 64; the quotient modulo 2^64.</summary>
    private static ulong Divide(ulong a, ulong b, int steps, out ulong quotient)
    {
        quotient = 0;
        if (a >= b)
        {
            a -= b;
            quotient = 1;
        }
        if (steps == 0)
            return a;
        ulong digits = Wide.Divide(a >> (64 - steps), a << steps, b, out ulong rest);
        quotient = (quotient << steps) + digits;
        return rest;
    }

    private static void SetQuotient(ulong quotient, ref X87Context context)
    {
        context.Status |= X87Context.HasQuotient;
        if ((quotient & 1) != 0)
            context.Status |= X87Context.C1;
        if ((quotient & 2) != 0)
            context.Status |= X87Context.C3;
        if ((quotient & 4) != 0)
            context.Status |= X87Context.C0;
    }

    private static Float80 Pack(uint sign, (int Exponent, ulong Significand) value, ref X87Context context)
    {
        // Always exact: only an unmasked underflow changes what is stored.
        int shift = BitOperations.LeadingZeroCount(value.Significand);
        return X87Rounding.ToExtended(sign, value.Exponent - shift, value.Significand << shift, 0, ref context);
    }
}
