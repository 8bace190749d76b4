// Integer SIMD, the element-wise part: each instruction is one line, and the host's own vector instructions do the work. MMX
// uses the lower half of the same functions.
using System.Runtime.Intrinsics;

namespace Lguest.Guest.Execute.Simd;

/// <summary>A function of two vectors without exceptions (Intel SDM vol. 2, the P... pages).</summary>
internal interface IPacked
{
    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b);

    /// <summary>The MMX form; element-wise functions need not say anything else here.</summary>
    static virtual ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked =>
        TSelf.Apply(Vector128.CreateScalar(a).AsByte(), Vector128.CreateScalar(b).AsByte()).AsUInt64().ToScalar();
}

internal readonly struct AddBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a + b;
}

internal readonly struct SubtractBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a - b;
}

internal readonly struct AddWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsUInt16() + b.AsUInt16()).AsByte();
}

internal readonly struct SubtractWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsUInt16() - b.AsUInt16()).AsByte();
}

internal readonly struct AddDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsUInt32() + b.AsUInt32()).AsByte();
}

internal readonly struct SubtractDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsUInt32() - b.AsUInt32()).AsByte();
}

internal readonly struct AddQuadwords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsUInt64() + b.AsUInt64()).AsByte();
}

internal readonly struct SubtractQuadwords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsUInt64() - b.AsUInt64()).AsByte();
}

internal readonly struct AddSaturatedSignedBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a.AsSByte(), b.AsSByte()).AsByte();
}

internal readonly struct SubtractSaturatedSignedBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.SubtractSaturate(a.AsSByte(), b.AsSByte())
        .AsByte();
}

internal readonly struct AddSaturatedSignedWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a.AsInt16(), b.AsInt16()).AsByte();
}

internal readonly struct SubtractSaturatedSignedWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.SubtractSaturate(a.AsInt16(), b.AsInt16())
        .AsByte();
}

internal readonly struct AddSaturatedUnsignedBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a, b);
}

internal readonly struct SubtractSaturatedUnsignedBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.SubtractSaturate(a, b);
}

internal readonly struct AddSaturatedUnsignedWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();
}

internal readonly struct SubtractSaturatedUnsignedWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.SubtractSaturate(a.AsUInt16(), b.AsUInt16())
        .AsByte();
}

internal readonly struct And : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a & b;
}

internal readonly struct AndNot : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => ~a & b;
}

internal readonly struct Or : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a | b;
}

internal readonly struct ExclusiveOr : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a ^ b;
}

internal readonly struct EqualBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Equals(a, b);
}

internal readonly struct EqualWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Equals(a.AsUInt16(), b.AsUInt16()).AsByte();
}

internal readonly struct EqualDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Equals(a.AsUInt32(), b.AsUInt32()).AsByte();
}

internal readonly struct GreaterBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.GreaterThan(a.AsSByte(), b.AsSByte()).AsByte();
}

internal readonly struct GreaterWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.GreaterThan(a.AsInt16(), b.AsInt16()).AsByte();
}

internal readonly struct GreaterDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.GreaterThan(a.AsInt32(), b.AsInt32()).AsByte();
}

internal readonly struct MinimumBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Min(a, b);
}

internal readonly struct MaximumBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a, b);
}

internal readonly struct MinimumWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Min(a.AsInt16(), b.AsInt16()).AsByte();
}

internal readonly struct MaximumWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a.AsInt16(), b.AsInt16()).AsByte();
}

internal readonly struct AverageBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a | b) - ((a ^ b) >>> 1);
}

internal readonly struct AverageWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        ((a.AsUInt16() | b.AsUInt16()) - ((a.AsUInt16() ^ b.AsUInt16()) >>> 1)).AsByte();
}

internal readonly struct MultiplyLow : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() * b.AsInt16()).AsByte();
}
