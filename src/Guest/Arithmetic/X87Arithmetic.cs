// The five operations that IEEE 754 made famous, on 80-bit numbers, exact to the last bit and flag. All five know
// precision control. Ordinary operands take a short way to the rounding; the odd ones are sorted out first.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lguest.Guest.Arithmetic;

/// <summary>FADD, FSUB, FMUL, FDIV and FSQRT as functions of their operands (Intel SDM vol. 2, those pages; vol. 1, 8.5).</summary>
internal static class X87Arithmetic
{
    private const ulong IntegerBit = Float80.IntegerBit;

    public static Float80 Add(Float80 a, Float80 b, ref X87Context context)
    {
        if (a.IsNormal && b.IsNormal)
            return a.Sign == b.Sign
                ? AddMagnitudes(a.Sign, a.Exponent, a.Significand, b.Exponent, b.Significand, ref context)
                : SubtractMagnitudes(a.Sign, a.Exponent, a.Significand, b.Exponent, b.Significand, ref context);
        return AddUnusual(a, b, ref context);
    }

    /// <summary>a - b. A NaN operand is passed on with its own sign.</summary>
    public static Float80 Subtract(Float80 a, Float80 b, ref X87Context context)
    {
        if (a.IsNormal && b.IsNormal)
            return a.Sign != b.Sign
                ? AddMagnitudes(a.Sign, a.Exponent, a.Significand, b.Exponent, b.Significand, ref context)
                : SubtractMagnitudes(a.Sign, a.Exponent, a.Significand, b.Exponent, b.Significand, ref context);
        return X87Operands.NeedAnswer(a, b)
            ? X87Operands.Answer(a, b, ref context)
            : AddUnusual(a, b.Negated, ref context);
    }

    public static Float80 Multiply(Float80 a, Float80 b, ref X87Context context)
    {
        uint sign = a.Sign ^ b.Sign;
        if (a.IsNormal && b.IsNormal)
            return MultiplyNormalized(sign, a.Exponent + b.Exponent, a.Significand, b.Significand, ref context);
        if (X87Operands.NeedAnswer(a, b))
            return X87Operands.Answer(a, b, ref context);
        if ((a.IsInfinity && b.IsZero) || (a.IsZero && b.IsInfinity))
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(a, b, ref context))
            return default;
        if (a.IsInfinity || b.IsInfinity)
            return Float80.Infinity(sign);
        if (a.IsZero || b.IsZero)
            return Float80.Zero(sign);
        var (exponentA, significandA) = X87Operands.Normalize(a);
        var (exponentB, significandB) = X87Operands.Normalize(b);
        return MultiplyNormalized(sign, exponentA + exponentB, significandA, significandB, ref context);
    }

    public static Float80 Divide(Float80 a, Float80 b, ref X87Context context)
    {
        uint sign = a.Sign ^ b.Sign;
        if (a.IsNormal && b.IsNormal)
            return DivideNormalized(sign, a.Exponent - b.Exponent, a.Significand, b.Significand, ref context);
        if (X87Operands.NeedAnswer(a, b))
            return X87Operands.Answer(a, b, ref context);
        if ((a.IsInfinity && b.IsInfinity) || (a.IsZero && b.IsZero))
            return context.RaiseInvalid();
        if (b.IsZero && !a.IsInfinity)
        {
            // A denormal dividend goes unmentioned here.
            context.RaiseZeroDivide();
            return Float80.Infinity(sign);
        }
        if (X87Operands.StopAtDenormal(a, b, ref context))
            return default;
        if (a.IsInfinity)
            return Float80.Infinity(sign);
        if (b.IsInfinity || a.IsZero)
            return Float80.Zero(sign);
        var (exponentA, significandA) = X87Operands.Normalize(a);
        var (exponentB, significandB) = X87Operands.Normalize(b);
        return DivideNormalized(sign, exponentA - exponentB, significandA, significandB, ref context);
    }

    public static Float80 SquareRoot(Float80 a, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(a))
            return X87Operands.Answer(a, ref context);
        if (a.IsZero)
            return a;
        if (a.Sign != 0)
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(a, ref context))
            return default;
        if (a.IsInfinity)
            return a;
        var (exponent, significand) = X87Operands.Normalize(a);
        // An even power of two comes out of the root; the rest lies in [1, 4).
        int power = exponent - Float80.Bias;
        int odd = power & 1;
        var (root, tail) = Root(significand, odd);
        return X87Rounding.ToPrecision(0, ((power - odd) >> 1) + Float80.Bias, root, tail, ref context);
    }

    private static Float80 AddUnusual(Float80 a, Float80 b, ref X87Context context)
    {
        if (X87Operands.NeedAnswer(a, b))
            return X87Operands.Answer(a, b, ref context);
        if (a.IsInfinity && b.IsInfinity && a.Sign != b.Sign)
            return context.RaiseInvalid();
        if (X87Operands.StopAtDenormal(a, b, ref context))
            return default;
        if (a.IsInfinity)
            return a;
        if (b.IsInfinity)
            return b;
        if (a.IsZero && b.IsZero)
            return a.Sign == b.Sign ? a : ExactZero(in context);
        // A zero adds nothing, yet the sum is still rounded to the precision in force.
        int exponentA = Math.Max(a.Exponent, 1);
        int exponentB = Math.Max(b.Exponent, 1);
        if (a.IsZero)
            return Renormalize(b.Sign, exponentB, b.Significand, 0, ref context);
        if (b.IsZero)
            return Renormalize(a.Sign, exponentA, a.Significand, 0, ref context);
        return a.Sign == b.Sign
            ? AddMagnitudes(a.Sign, exponentA, a.Significand, exponentB, b.Significand, ref context)
            : SubtractMagnitudes(a.Sign, exponentA, a.Significand, exponentB, b.Significand, ref context);
    }

    private static Float80 ExactZero(in X87Context context) =>
        Float80.Zero(context.Rounding == X87Context.Down ? Float80.SignBit : 0);

    private static Float80 AddMagnitudes(uint sign, int exponentA, ulong a, int exponentB, ulong b, ref X87Context context)
    {
        if (exponentA < exponentB)
            (exponentA, a, exponentB, b) = (exponentB, b, exponentA, a);
        var (bHigh, bLow) = Align(b, exponentA - exponentB);
        ulong sum = a + bHigh;
        // Move down by one bit if there was a carry, without a branch that would be guessed wrong half of the time.
        int carry = sum < a ? 1 : 0;
        bLow = ((sum << 63) & (ulong)-carry) | (bLow >> carry) | (bLow & (ulong)carry);
        sum = (sum >> carry) | ((ulong)carry << 63);
        return (long)sum < 0
            ? X87Rounding.ToPrecision(sign, exponentA + carry, sum, bLow, ref context)
            : Renormalize(sign, exponentA, sum, bLow, ref context);
    }

    private static Float80 SubtractMagnitudes(uint sign, int exponentA, ulong a, int exponentB, ulong b, ref X87Context context)
    {
        if (exponentA < exponentB || (exponentA == exponentB && a < b))
        {
            (exponentA, a, exponentB, b) = (exponentB, b, exponentA, a);
            sign ^= Float80.SignBit;
        }
        var (bHigh, bLow) = Align(b, exponentA - exponentB);
        ulong high = a - bHigh - (bLow != 0 ? 1UL : 0);
        ulong low = 0 - bLow;
        if (high == 0)
            return low == 0 ? ExactZero(in context) : Renormalize(sign, exponentA, high, low, ref context);
        int shift = BitOperations.LeadingZeroCount(high);
        high = (high << shift) | (low >> 1 >> (63 - shift));
        return X87Rounding.ToPrecision(sign, exponentA - shift, high, low << shift, ref context);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong High, ulong Low) Align(ulong significand, int distance)
    {
        if (distance == 0)
            return (significand, 0);
        if (distance < 64)
            return (significand >> distance, significand << (64 - distance));
        return X87Rounding.ShiftRight(significand, 0, distance);
    }

    private static Float80 Renormalize(uint sign, int exponent, ulong high, ulong low, ref X87Context context)
    {
        if (high == 0)
        {
            exponent -= 64;
            high = low;
            low = 0;
        }
        int shift = BitOperations.LeadingZeroCount(high);
        if (shift != 0)
        {
            high = (high << shift) | (low >> (64 - shift));
            low <<= shift;
        }
        return X87Rounding.ToPrecision(sign, exponent - shift, high, low, ref context);
    }

    private static Float80 MultiplyNormalized(uint sign, int exponents, ulong a, ulong b, ref X87Context context)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        int shift = (int)(~high >> 63);
        high = (high << shift) | ((low >> 63) & (ulong)shift);
        return X87Rounding.ToPrecision(sign, exponents - Float80.Bias + 1 - shift, high, low << shift, ref context);
    }

    private static Float80 DivideNormalized(uint sign, int exponents, ulong a, ulong b, ref X87Context context)
    {
        int halved = a < b ? 0 : 1;
        int exponent = exponents + Float80.Bias - 1 + halved;
        ulong quotient = Wide.Divide(a >> halved, (a << 63) & (ulong)-halved, b, out ulong remainder);
        // The remainder is told apart only as nothing, less than half, half, more than half of a unit.
        ulong tail = remainder == 0 ? 0
            : remainder > b - remainder ? 0xC000_0000_0000_0000
            : remainder == b - remainder ? IntegerBit
            : 1UL;
        return X87Rounding.ToPrecision(sign, exponent, quotient, tail, ref context);
    }

    /// <summary>The root of significand * 2^(63 + odd) to 64 bits, and whether what is left is nothing, or below or above half a
    /// unit.</summary>
    private static (ulong Root, ulong Tail) Root(ulong significand, int odd)
    {
        // The radicand as 128 bits in [2^126, 2^128).
        var radicand = odd == 0 ? new UInt128(significand >> 1, significand << 63) : new UInt128(significand, 0);
        ulong root = Wide.SquareRoot(radicand);
        var left = radicand - Wide.Multiply(root, root);
        return (root, left == 0 ? 0 : left > root ? 0xC000_0000_0000_0000 : 1UL);
    }
}
