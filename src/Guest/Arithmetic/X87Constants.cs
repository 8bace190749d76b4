// The constants that the x87 keeps in its own ROM, longer than a register and therefore rounded each time they are loaded.

namespace Lguest.Guest.Arithmetic;

/// <summary>FLDPI and its family (Intel SDM vol. 1, 8.3.4 and vol. 2, FLD1...). Loading them raises nothing.</summary>
internal static class X87Constants
{
    public static Float80 Pi(uint rounding) => Rounded(1, 0xC90F_DAA2_2168_C234, true, rounding);

    public static Float80 Log2Of10(uint rounding) => Rounded(1, 0xD49A_784B_CD1B_8AFE, false, rounding);

    public static Float80 Log2OfE(uint rounding) => Rounded(0, 0xB8AA_3B29_5C17_F0BB, true, rounding);

    public static Float80 Log10Of2(uint rounding) => Rounded(-2, 0x9A20_9A84_FBCF_F798, true, rounding);

    public static Float80 NaturalLogOf2(uint rounding) => Rounded(-1, 0xB172_17F7_D1CF_79AB, true, rounding);

    private static Float80 Rounded(int exponent, ulong significand, bool moreThanHalf, uint rounding)
    {
        bool up = rounding == X87Context.Up || (rounding == X87Context.Nearest && moreThanHalf);
        return new Float80(significand + (up ? 1UL : 0), 0, Float80.Bias + exponent);
    }
}
