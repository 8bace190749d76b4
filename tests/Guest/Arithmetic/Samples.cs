// Random numbers alone never meet the cases that matter. These generators favour what breaks floating point: values
// close to each other, ends of ranges, few bits or all bits set, denormals, NaNs and encodings that should not exist.

using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Tests.Arithmetic;

/// <summary>Operands for the comparison with the host; the same seed gives the same sequence.</summary>
internal sealed class Samples(int seed)
{
    private readonly Random _random = new(seed);

    public ulong Word() => (ulong)_random.NextInt64(long.MinValue, long.MaxValue);

    public int Below(int limit) => _random.Next(limit);

    /// <summary>A control word: any rounding and precision, all exceptions masked in three of four cases.</summary>
    public uint Control()
    {
        uint masks = _random.Next(4) == 0 ? (uint)_random.Next(64) : 0x3Fu;
        uint[] precisions = [0x300, 0x300, 0x200, 0x000];
        return masks | precisions[_random.Next(4)] | (uint)_random.Next(4) << 10;
    }

    /// <summary>64 bits with a liking for long runs and single bits.</summary>
    public ulong Bits()
    {
        ulong word = Word();
        return _random.Next(8) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => 1UL << _random.Next(64),
            3 => ulong.MaxValue << _random.Next(64),
            4 => ulong.MaxValue >> _random.Next(64),
            5 => word & ~(ulong.MaxValue >> _random.Next(64)),
            _ => word,
        };
    }

    public Float80 Float80()
    {
        uint sign = _random.Next(2) == 0 ? 0 : 0x8000u;
        ulong significand = Bits() | (1UL << 63);
        switch (_random.Next(16))
        {
            case 0:
                return Special(sign);
            case 1:
                return new Float80(Bits(), sign, _random.Next(3));
            case 2:
                return new Float80(significand, sign, 0x7FFE - _random.Next(3));
            case 3:
                return new Float80(significand, sign, _random.Next(0x7FFF));
            case 4:
                return new Float80(significand, sign, 0x4000 + _random.Next(-80, 80));
            case 5:
                return X87Conversion.FromInteger(_random.Next(-20, 20));
            default:
                return new Float80(significand, sign, 0x3FFF + _random.Next(-4, 5));
        }
    }

    /// <summary>An argument of an elementary function where it is hard: by one and other powers of two, at both ends of the range,
    /// denormal.</summary>
    public Float80 Argument(int maxExponent)
    {
        uint sign = _random.Next(2) == 0 ? 0 : 0x8000u;
        ulong significand = Bits() | (1UL << 63);
        return _random.Next(10) switch
        {
            0 => Float80(),
            1 => ByPowerOfTwo(sign, 0),
            2 => ByPowerOfTwo(sign, _random.Next(-20, 20)),
            3 => new Float80(1UL << 63, sign, Lguest.Guest.Arithmetic.Float80.Bias + _random.Next(-30, 30)),
            4 => new Float80(significand, sign, _random.Next(0x7fff)),
            5 => new Float80(significand, sign, _random.Next(120)),
            6 => new Float80(significand, sign, 0x7ffe - _random.Next(80)),
            7 => new Float80(Bits() >> 1 >> _random.Next(63), sign, 0),
            _ => new Float80(significand, sign, Lguest.Guest.Arithmetic.Float80.Bias + maxExponent - _random.Next(70)),
        };
    }

    private Float80 ByPowerOfTwo(uint sign, int exponent)
    {
        ulong distance = Bits() >> _random.Next(64) >> 1;
        return _random.Next(2) == 0
            ? new Float80((1UL << 63) + distance, sign, Lguest.Guest.Arithmetic.Float80.Bias + exponent)
            : new Float80((0 - distance - 1) | (1UL << 63), sign, Lguest.Guest.Arithmetic.Float80.Bias + exponent - 1);
    }

    /// <summary>A partner for an operand: often close to it in exponent or equal in bits.</summary>
    public Float80 Near(Float80 other) => _random.Next(6) switch
    {
        0 => other,
        1 => new Float80(other.Significand ^ (1UL << _random.Next(4)), other.SignExponent),
        2 or 3 when other.Exponent is > 70 and < 0x7F00 =>
            new Float80(Bits() | (1UL << 63), _random.Next(2) == 0 ? 0 : 0x8000u, other.Exponent + _random.Next(-68, 69)),
        4 when other.Exponent is > 0 and < 0x7FFF =>
            new Float80(Bits() | (1UL << 63), 0, Math.Clamp(0x7FFE - other.Exponent + _random.Next(-70, 70), 0, 0x7FFE)),
        _ => Float80(),
    };

    public uint Single() => (uint)_random.Next(8) switch
    {
        0 => (uint)Bits() & 0x807F_FFFF,
        1 => (uint)Bits() | 0x7F80_0000,
        2 => (uint)Word(),
        3 => (uint)BitConverter.SingleToInt32Bits(_random.Next(-20, 20)),
        4 => ((uint)Bits() & 0x807F_FFFF) | (0xFDu + (uint)_random.Next(2)) << 23,
        5 => ((uint)Bits() & 0x807F_FFFF) | (uint)_random.Next(1, 26) << 23,
        _ => ((uint)Bits() & 0x807F_FFFF) | (uint)_random.Next(122, 134) << 23,
    };

    public ulong Double() => _random.Next(8) switch
    {
        0 => Bits() & 0x800F_FFFF_FFFF_FFFF,
        1 => Bits() | 0x7FF0_0000_0000_0000,
        2 => Word(),
        3 => BitConverter.DoubleToUInt64Bits(_random.Next(-20, 20)),
        4 => (Bits() & 0x800F_FFFF_FFFF_FFFF) | (ulong)(0x7FD + _random.Next(2)) << 52,
        5 => (Bits() & 0x800F_FFFF_FFFF_FFFF) | (ulong)_random.Next(1, 60) << 52,
        _ => (Bits() & 0x800F_FFFF_FFFF_FFFF) | (ulong)_random.Next(1018, 1030) << 52,
    };

    private Float80 Special(uint sign) => _random.Next(7) switch
    {
        0 => new Float80(0, sign, 0),
        1 => new Float80(1UL << 63, sign, 0x7FFF),
        2 => new Float80(Bits() | 1UL << 63, sign, 0x7FFF),
        3 => new Float80(Bits() | 3UL << 62, sign, 0x7FFF),
        4 => new Float80(Bits() >> 1, sign, _random.Next(1, 0x8000)),
        5 => new Float80(Bits() >> 1, sign, 0x7FFF),
        _ => new Float80(1UL << 63, sign, 0x3FFF),
    };
}
