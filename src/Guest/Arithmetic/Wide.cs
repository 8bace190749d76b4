// Arithmetic on 128-bit integers where .NET's UInt128 is right but slow: quotients and roots by the machine's own
// 64-bit division, and the upper halves of products, which is all that the elementary functions need.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lguest.Guest.Arithmetic;

/// <summary>Building blocks over 64-bit words; none of them can fail within the stated ranges.</summary>
internal static class Wide
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt128 Multiply(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return new UInt128(high, low);
    }

    public static ulong High(UInt128 value) => (ulong)(value >> 64);

    public static int LeadingZeros(UInt128 value)
    {
        ulong high = High(value);
        return high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount((ulong)value);
    }

    /// <summary>Upper 128 bits of a 256-bit product, at most 2 units too small.</summary>
    public static UInt128 MultiplyHigh(UInt128 a, UInt128 b)
    {
        ulong aHigh = High(a), aLow = (ulong)a, bHigh = High(b), bLow = (ulong)b;
        var cross = (UInt128)Math.BigMul(aHigh, bLow, out ulong lowOne) + Math.BigMul(aLow, bHigh, out ulong lowTwo);
        var carry = ((UInt128)lowOne + lowTwo + Math.BigMul(aLow, bLow, out _)) >> 64;
        return Multiply(aHigh, bHigh) + cross + carry;
    }

    /// <summary>(high * 2^64 + low) / divisor for high below divisor and a divisor with bit 63 set: two digits of schoolbook
    /// division.</summary>
    public static ulong Divide(ulong high, ulong low, ulong divisor, out ulong remainder)
    {
        ulong divisorHigh = divisor >> 32, divisorLow = (uint)divisor;
        ulong first = Digit(high, (uint)(low >> 32), divisor, divisorHigh, divisorLow, out ulong rest);
        ulong second = Digit(rest, (uint)low, divisor, divisorHigh, divisorLow, out remainder);
        return (first << 32) + second;
    }

    /// <summary>floor(a * 2^128 / b) for a below b and b with bit 127 set, at most 2 units off.</summary>
    public static UInt128 DivideFraction(UInt128 a, UInt128 b)
    {
        ulong first = WordOfQuotient(ref a, b);
        ulong second = WordOfQuotient(ref a, b);
        return new UInt128(first, second);
    }

    /// <summary>floor(sqrt(value)) for value of at least 2^126.</summary>
    public static ulong SquareRoot(UInt128 value)
    {
        ulong high = High(value);
        // 53 good bits from the host, one Newton step for the other 11, then the last unit by trial.
        double estimate = Math.Sqrt((double)high) * 4294967296.0;
        ulong root = estimate >= 18446744073709549568.0 ? ulong.MaxValue : (ulong)estimate;
        if ((long)root >= 0)
            root = 1UL << 63;
        if (high < root)
        {
            ulong quotient = Divide(high, (ulong)value, root, out _);
            root = (root >> 1) + (quotient >> 1) + (root & quotient & 1);
        }
        while (Multiply(root, root) > value)
            root--;
        while (root != ulong.MaxValue && Multiply(root + 1, root + 1) <= value)
            root++;
        return root;
    }

    private static ulong Digit(ulong high, uint next, ulong divisor, ulong divisorHigh, ulong divisorLow, out ulong remainder)
    {
        ulong digit = high / divisorHigh;
        ulong rest = high - digit * divisorHigh;
        while (digit >= 1UL << 32 || digit * divisorLow > ((rest << 32) | next))
        {
            digit--;
            rest += divisorHigh;
            if (rest >= 1UL << 32)
                break;
        }
        remainder = (high << 32) + next - digit * divisor;
        return digit;
    }

    private static ulong WordOfQuotient(ref UInt128 rest, UInt128 divisor)
    {
        ulong divisorHigh = High(divisor), divisorLow = (ulong)divisor;
        ulong restHigh = High(rest);
        if (restHigh >= divisorHigh)
        {
            // The guess would not fit a word, so the digit is one of the two largest words; rest is below divisor all the same.
            var gap = (divisor - rest) << 64;
            if (gap <= divisor)
            {
                rest = divisor - gap;
                return ulong.MaxValue;
            }
            rest = divisor - (gap - divisor);
            return ulong.MaxValue - 1;
        }
        ulong word = Divide(restHigh, (ulong)rest, divisorHigh, out ulong left);
        var product = Multiply(word, divisorLow);
        var available = (UInt128)left << 64;
        while (product > available)
        {
            word--;
            product -= divisorLow;
            available += (UInt128)divisorHigh << 64;
            if (available < (UInt128)divisorHigh << 64)
            {
                // The sum passed 2^128, which no product reaches.
                break;
            }
        }
        rest = available - product;
        return word;
    }
}
