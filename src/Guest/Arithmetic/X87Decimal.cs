// FBLD and FBSTP move eighteen packed decimal digits. Compilers forgot them long ago, processors did not, so they are
// here, bit for bit.

namespace Lguest.Guest.Arithmetic;

/// <summary>
/// Packed decimals of 10 bytes: two digits a byte, least significant first, bit 79 the sign (Intel SDM vol. 1, 4.7).
/// Passed as the low 8 bytes and the high 2.
/// </summary>
internal static class X87Decimal
{
    private const ulong Limit = 999_999_999_999_999_999;

    public static Float80 Load(ulong low, ushort high)
    {
        ulong value = Digits(high & 0xFFU, 2);
        value = value * 10_000_000_000_000_000 + Digits(low, 16);
        var number = X87Conversion.FromInteger((long)value);
        return (high & 0x8000) != 0 ? number.Negated : number;
    }

    /// <summary>FBSTP's digits, rounded by RC; #IA and the packed decimal indefinite for what has more than 18 digits or is no
    /// number.</summary>
    public static (ulong Low, ushort High) Store(Float80 a, ref X87Context context)
    {
        ulong value = 0UL;
        int change = 0;
        if (a.Exponent >= Float80.Bias + 63 || a.IsUnsupported)
            value = ulong.MaxValue;
        else if (!a.IsZero)
            value = X87Functions.IntegerMagnitude(a, context.Rounding, out change);
        if (value > Limit)
        {
            context.Status |= X87Context.Invalid;
            return (0xC000_0000_0000_0000, 0xFFFF);
        }
        if (change != 0)
            context.Status |= X87Context.Inexact | (change > 0 ? X87Context.C1 : 0);
        ulong low = Pack(value % 10_000_000_000_000_000);
        ulong high = Pack(value / 10_000_000_000_000_000);
        return (low, (ushort)(high | a.Sign));
    }

    private static ulong Digits(ulong packed, int count)
    {
        // A digit above 9 is undefined in the manual; it counts for what its bits say.
        ulong value = 0;
        for (int shift = (count - 1) * 4; shift >= 0; shift -= 4)
            value = value * 10 + ((packed >> shift) & 0xF);
        return value;
    }

    private static ulong Pack(ulong value)
    {
        ulong packed = 0;
        for (int shift = 0; value != 0; shift += 4)
        {
            packed |= value % 10 << shift;
            value /= 10;
        }
        return packed;
    }
}
