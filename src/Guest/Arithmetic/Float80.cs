// The x87 registers hold numbers that no .NET type can hold: 80 bits with the leading one written out. This is that
// format, with the classes of values the processor tells apart, so that everything above can speak of "a NaN" or
// "an unsupported encoding" instead of bit masks.

using System.Runtime.InteropServices;

namespace Lguest.Guest.Arithmetic;

/// <summary>
/// A double extended-precision value: 1 sign bit, 15 exponent bits (bias 16383), 64 significand bits with an explicit integer bit.
/// Laid out as in memory and in an FXSAVE slot: the significand first, then sign and exponent (Intel SDM vol. 1, 4.2.2 and 8.2).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Float80(ulong significand, ushort signExponent) : IEquatable<Float80>
{
    public const int Bias = 0x3FFF;
    public const int MaxExponent = 0x7FFF;
    public const uint SignBit = 0x8000;
    public const ulong IntegerBit = 1UL << 63;
    public const ulong QuietBit = 1UL << 62;

    public readonly ulong Significand = significand;
    public readonly ushort SignExponent = signExponent;

    public Float80(ulong significand, uint sign, int exponent)
        : this(significand, (ushort)(sign | (uint)exponent))
    {
    }

    public static Float80 Indefinite => new(IntegerBit | QuietBit, 0xFFFF);

    public static Float80 One => new(IntegerBit, 0x3FFF);

    public static Float80 Zero(uint sign) => new(0, (ushort)sign);

    public static Float80 Infinity(uint sign) => new(IntegerBit, (ushort)(sign | 0x7FFF));

    /// <summary>The biased exponent, 0 to 7FFFh.</summary>
    public int Exponent => SignExponent & MaxExponent;

    /// <summary>8000h when negative, else 0: the sign where it stands in <see cref="SignExponent"/>.</summary>
    public uint Sign => SignExponent & SignBit;

    public bool IsZero => Significand == 0 && (SignExponent & MaxExponent) == 0;

    /// <summary>Neither zero nor denormal nor infinite nor NaN nor unsupported: what nearly every operand is.</summary>
    public bool IsNormal => (uint)((SignExponent & MaxExponent) - 1) < 0x7FFE && (long)Significand < 0;

    public bool IsInfinity => (SignExponent & MaxExponent) == MaxExponent && Significand == IntegerBit;

    public bool IsNaN => (SignExponent & MaxExponent) == MaxExponent && Significand > IntegerBit;

    public bool IsSignalingNaN => IsNaN && (Significand & QuietBit) == 0;

    /// <summary>Exponent 0 and a significand that is not: true denormals and pseudo-denormals, both of which raise #D.</summary>
    public bool IsDenormal => (SignExponent & MaxExponent) == 0 && Significand != 0;

    /// <summary>Pseudo-NaN, pseudo-infinity or unnormal: an integer bit of 0 under a nonzero exponent (Intel SDM vol. 1, 8.2.2).</summary>
    public bool IsUnsupported => (SignExponent & MaxExponent) != 0 && (long)Significand >= 0;

    public Float80 Quieted => new(Significand | QuietBit, SignExponent);

    public Float80 Negated => new(Significand, (ushort)(SignExponent ^ SignBit));

    public Float80 Magnitude => new(Significand, (ushort)(SignExponent & MaxExponent));

    /// <summary>The same number, a pseudo-denormal written as the normal number that it is.</summary>
    public Float80 Canonical => Exponent == 0 && (long)Significand < 0 ? new(Significand, (ushort)(SignExponent | 1)) : this;

    public static bool operator ==(Float80 left, Float80 right) => left.Equals(right);

    public static bool operator !=(Float80 left, Float80 right) => !left.Equals(right);

    /// <summary>Bitwise equality; a NaN equals itself.</summary>
    public bool Equals(Float80 other) => Significand == other.Significand && SignExponent == other.SignExponent;

    public override bool Equals(object? obj) => obj is Float80 other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Significand, SignExponent);

    public override string ToString() => $"{SignExponent:X4}:{Significand:X16}";
}
