// Processors are wrong at the edges: at zero, at the sign bit, where a float stops being normal. Uniformly random operands hardly ever
// go there, so half of all operands are drawn from here.
using System.Buffers.Binary;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Operand values, biased to the edges of each data type.</summary>
internal static class EdgeValues
{
    private static readonly float[] _singles =
    [
        0f, -0f, 1f, -1f, 2f, 0.5f, 1.5f, -1.5f, 3f, 10f, 255f, 256f, 32767f, 32768f, -32769f, 65535.5f, 8388607.5f, 16777216f,
        2147483520f, 2147483648f, -2147483648f, -2147483904f, 4294967296f, 9.2233720e18f, -9.2233720e18f, 1e30f, 1e-30f,
        float.MaxValue, float.MinValue, 1.17549435e-38f, float.Epsilon, -float.Epsilon, 1.1754942e-38f,
        float.PositiveInfinity, float.NegativeInfinity,
    ];

    private static readonly double[] _doubles =
    [
        0d, -0d, 1d, -1d, 2d, 0.5, 1.5, 2.5, -1.5, 3, 10, 127.5, 128, 255.5, 32767.5, -32768.5, 2147483647.0, 2147483647.5, 2147483648.0,
        -2147483648.0, -2147483648.5, -2147483649.0, 4294967296.0, 9007199254740991.0, 9007199254740993.0, 9.2233720368547748e18,
        9.2233720368547758e18, -9.2233720368547758e18, 3.4028234663852886e38, 3.4028235677973366e38, 1.17549435e-38, 1e-40, 1.4e-45, 7e-46,
        double.MaxValue, double.MinValue, 2.2250738585072014e-308, double.Epsilon, -double.Epsilon, 1e-310,
        double.PositiveInfinity, double.NegativeInfinity,
    ];

    /// <summary>An integer of 1, 2, 4 or 8 bytes.</summary>
    public static ulong Integer(Dice dice, int bytes)
    {
        int bits = 8 * bytes;
        ulong top = 1UL << (bits - 1);
        ulong value = dice.Below(14) switch
        {
            0 => 0UL,
            1 => 1UL,
            2 => ulong.MaxValue,
            3 => top,
            4 => top - 1,
            5 => top + 1,
            6 => 1UL << dice.Below(bits),
            7 => (1UL << dice.Below(bits)) - 1,
            8 => 0UL - (ulong)dice.Below(300),
            9 => (ulong)dice.Below(300),
            10 => (top >> dice.Below(bits)) | dice.Next() >> 58,
            _ => dice.Next(),
        };
        return bits == 64 ? value : value & ((1UL << bits) - 1);
    }

    public static uint Single(Dice dice) => dice.Below(8) switch
    {
        0 => 0x7f80_0000u | (dice.Word() & 0x803f_ffff) | 1, // signalling NaN
        1 => 0x7fc0_0000u | (dice.Word() & 0x803f_ffff), // quiet NaN
        2 => dice.Word() & 0x807f_ffff, // denormal
        3 => BitConverter.SingleToUInt32Bits(dice.Below(2000) - 1000) ^ (dice.Percent(30) ? (uint)dice.Below(4) : 0u),
        4 => (dice.Word() & 0x80ff_ffff) | ((uint)(100 + dice.Below(60)) << 23), // near one, dense significand
        5 => dice.Word(),
        _ => BitConverter.SingleToUInt32Bits(dice.Pick<float>(_singles)) ^ (dice.Percent(20) ? 0x8000_0000u : 0u),
    };

    public static ulong Double(Dice dice) => dice.Below(8) switch
    {
        0 => 0x7ff0_0000_0000_0000 | (dice.Next() & 0x8007_ffff_ffff_ffff) | 1,
        1 => 0x7ff8_0000_0000_0000 | (dice.Next() & 0x8007_ffff_ffff_ffff),
        2 => dice.Next() & 0x800f_ffff_ffff_ffff,
        3 => BitConverter.DoubleToUInt64Bits(dice.Below(200_000) - 100_000) ^ (dice.Percent(30) ? (ulong)dice.Below(4) : 0),
        4 => (dice.Next() & 0x800f_ffff_ffff_ffff) | ((ulong)(1023 - 70 + dice.Below(140)) << 52),
        5 => dice.Next(),
        _ => BitConverter.DoubleToUInt64Bits(dice.Pick<double>(_doubles)) ^ (dice.Percent(20) ? 1UL << 63 : 0),
    };

    /// <summary>Ten bytes of double extended precision, encodings that the x87 does not support among them (Intel SDM vol. 1,
    /// 8.2.2).</summary>
    public static void Extended(Dice dice, Span<byte> ten)
    {
        const ulong integerBit = 1UL << 63;
        uint sign = dice.Percent(40) ? 0x8000u : 0;
        var (exponent, significand) = dice.Below(20) switch
        {
            0 => (0u, 0UL),
            1 => (0x3fffu, integerBit), // 1
            2 => (0x7fffu, integerBit), // infinity
            3 => (0x7fffu, integerBit | (dice.Next() >> 2) | 1), // signalling NaN
            4 => (0x7fffu, (3UL << 62) | (dice.Next() >> 2)), // quiet NaN
            5 => (0u, dice.Next() >> (1 + dice.Below(60))), // denormal
            6 => (0u, integerBit | dice.Next()), // pseudo-denormal
            7 => ((uint)(1 + dice.Below(0x7ffe)), dice.Next() >> 1), // unnormal
            8 => (0x7fffu, dice.Next() >> (1 + dice.Below(63))), // pseudo-NaN, pseudo-infinity
            9 => (0x7ffeu, dice.Percent(50) ? ulong.MaxValue : integerBit | dice.Next()),
            10 => (1u, integerBit | (dice.Percent(50) ? 0 : dice.Next())),
            11 => ((uint)(0x3fff + dice.Below(66)), integerBit | (dice.Next() << dice.Below(64))), // about the integers
            12 => ((uint)(0x3fff + 14 + (16 * dice.Below(4))), ulong.MaxValue << dice.Below(64)), // edges of integer types
            13 => ((uint)(0x3fff - 1023 + dice.Below(3) - 1), integerBit | dice.Next()), // where doubles become denormal
            14 => ((uint)(0x3fff + 1023 + dice.Below(3) - 1), integerBit | dice.Next()), // where doubles end
            15 => ((uint)(0x3fff - 70 + dice.Below(140)), integerBit | dice.Next()),
            16 => ((uint)(0x3fff - 64 + dice.Below(128)), integerBit | (1UL << dice.Below(63))),
            17 => ((uint)dice.Below(0x7fff) | 1, integerBit | dice.Next()),
            _ => ((uint)(0x3ff8 + dice.Below(16)), integerBit | dice.Next()),
        };
        BinaryPrimitives.WriteUInt64LittleEndian(ten, significand);
        BinaryPrimitives.WriteUInt16LittleEndian(ten[8..], (ushort)(exponent | sign));
    }

    /// <summary>Sixteen bytes for an XMM register or operand: lanes of one type, which may not be the instruction's.</summary>
    public static void Vector(Dice dice, Span<byte> sixteen)
    {
        switch (dice.Below(6))
        {
            case 0:
            case 1:
                for (int i = 0; i < 4; i++) BinaryPrimitives.WriteUInt32LittleEndian(sixteen[(4 * i)..], Single(dice));
                break;
            case 2:
            case 3:
                for (int i = 0; i < 2; i++) BinaryPrimitives.WriteUInt64LittleEndian(sixteen[(8 * i)..], Double(dice));
                break;
            case 4:
                int bytes = 1 << dice.Below(4);
                for (int i = 0; i < 16; i += bytes)
                {
                    ulong value = Integer(dice, bytes);
                    for (int j = 0; j < bytes; j++) sixteen[i + j] = (byte)(value >> (8 * j));
                }
                break;
            default:
                dice.Fill(sixteen[..16]);
                break;
        }
    }

    /// <summary>Ten bytes of packed decimal: two digits a byte, the sign in the last; sometimes not decimal at all.</summary>
    public static void PackedDecimal(Dice dice, Span<byte> ten)
    {
        for (int i = 0; i < 9; i++) ten[i] = (byte)((dice.Below(10) << 4) | dice.Below(10));
        if (dice.Percent(20)) ten[..9].Fill(dice.Percent(50) ? (byte)0x99 : (byte)0);
        ten[9] = (byte)(dice.Percent(50) ? 0x80 : 0);
    }
}
