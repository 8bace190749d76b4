// Iced has flags of its own; the comparison speaks of bits of EFLAGS.
using Iced.Intel;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>EFLAGS bits of the status flags (Intel SDM vol. 1, 3.4.3.1).</summary>
internal static class StatusFlags
{
    public const uint Carry = 1;
    public const uint Parity = 4;
    public const uint Adjust = 0x10;
    public const uint Zero = 0x40;
    public const uint Sign = 0x80;
    public const uint Overflow = 0x800;
    public const uint All = Carry | Parity | Adjust | Zero | Sign | Overflow;

    /// <summary>Iced's status flags as EFLAGS bits.</summary>
    public static uint FromIced(RflagsBits bits)
    {
        uint flags = 0;
        if ((bits & RflagsBits.CF) != 0) flags |= Carry;
        if ((bits & RflagsBits.PF) != 0) flags |= Parity;
        if ((bits & RflagsBits.AF) != 0) flags |= Adjust;
        if ((bits & RflagsBits.ZF) != 0) flags |= Zero;
        if ((bits & RflagsBits.SF) != 0) flags |= Sign;
        if ((bits & RflagsBits.OF) != 0) flags |= Overflow;
        return flags;
    }

    /// <summary>What CMP of two values of 1, 2 or 4 bytes sets.</summary>
    public static uint OfSubtraction(uint left, uint right, int size)
    {
        uint mask = uint.MaxValue >> (32 - (8 * size));
        uint sign = (mask >> 1) + 1;
        (left, right) = (left & mask, right & mask);
        uint result = (left - right) & mask;
        return (left < right ? Carry : 0)
            | ((System.Numerics.BitOperations.PopCount(result & 0xff) & 1) == 0 ? Parity : 0)
            | (((left ^ right ^ result) & 0x10) != 0 ? Adjust : 0)
            | (result == 0 ? Zero : 0)
            | ((result & sign) != 0 ? Sign : 0)
            | (((left ^ right) & (left ^ result) & sign) != 0 ? Overflow : 0);
    }
}
