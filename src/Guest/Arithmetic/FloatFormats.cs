// SSE has two number formats and one set of rules. The rules are written once, over these descriptions; the JIT makes one
// copy for each.

namespace Lguest.Guest.Arithmetic;

/// <summary>An IEEE 754 interchange format whose bits travel in the low end of a ulong.</summary>
internal interface IFloatFormat
{
    /// <summary>Stored fraction bits: 23 or 52.</summary>
    static abstract int FractionBits { get; }

    /// <summary>The exponent of infinities and NaNs: 255 or 2047.</summary>
    static abstract int MaxExponent { get; }
}

/// <summary>32 bits: float.</summary>
internal readonly struct Binary32 : IFloatFormat
{
    public static int FractionBits => 23;

    public static int MaxExponent => 0xFF;
}

/// <summary>64 bits: double.</summary>
internal readonly struct Binary64 : IFloatFormat
{
    public static int FractionBits => 52;

    public static int MaxExponent => 0x7FF;
}
