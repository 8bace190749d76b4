// Integer SIMD, the part where elements change width or place: packing, unpacking, multiplication to double width, sums.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lguest.Guest.Execute.Simd;

internal readonly struct MultiplyHighSigned : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        (var lowA, var highA) = Vector128.Widen(a.AsInt16());
        (var lowB, var highB) = Vector128.Widen(b.AsInt16());
        return Vector128.Narrow((lowA * lowB) >> 16, (highA * highB) >> 16).AsByte();
    }
}

internal readonly struct MultiplyHighUnsigned : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        (var lowA, var highA) = Vector128.Widen(a.AsUInt16());
        (var lowB, var highB) = Vector128.Widen(b.AsUInt16());
        return Vector128.Narrow((lowA * lowB) >>> 16, (highA * highB) >>> 16).AsByte();
    }
}

internal readonly struct MultiplyUnsignedDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        var even = Vector128.Create((ulong)uint.MaxValue);
        return ((a.AsUInt64() & even) * (b.AsUInt64() & even)).AsByte();
    }
}

/// <summary>PMADDWD: products of words, neighbours added.</summary>
internal readonly struct MultiplyAdd : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        // The even words are the low halves of the doublewords, the odd ones the high halves.
        Vector128<int> x = a.AsInt32(), y = b.AsInt32();
        var even = ((x << 16) >> 16) * ((y << 16) >> 16);
        return (even + ((x >> 16) * (y >> 16))).AsByte();
    }
}

/// <summary>PSADBW: for each half, the sum of the eight differences.</summary>
internal readonly struct SumOfDifferences : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        var sum = (Vector128.Max(a, b) - Vector128.Min(a, b)).AsUInt64();
        var bytes = Vector128.Create(0x00FF_00FF_00FF_00FFUL);
        sum = (sum & bytes) + ((sum >>> 8) & bytes);
        sum += sum >>> 32;
        sum += sum >>> 16;
        return (sum & Vector128.Create(0xFFFFUL)).AsByte();
    }
}

internal readonly struct PackSignedWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()).AsByte();

    public static ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked => Halves.Packed<TSelf>(a, b);
}

internal readonly struct PackSignedDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsByte();

    public static ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked => Halves.Packed<TSelf>(a, b);
}

/// <summary>PACKUSWB: signed words to unsigned bytes.</summary>
internal readonly struct PackUnsignedWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        Vector128<short> least = Vector128<short>.Zero, most = Vector128.Create((short)0xFF);
        return Vector128.Narrow(
            Vector128.Clamp(a.AsInt16(), least, most).AsUInt16(),
            Vector128.Clamp(b.AsInt16(), least, most).AsUInt16());
    }

    public static ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked => Halves.Packed<TSelf>(a, b);
}

internal readonly struct UnpackLowBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : Halves.Interleave(a, b, 0);
}

internal readonly struct UnpackHighBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : Halves.Interleave(a, b, 8);

    public static ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked => Halves.High<UnpackLowBytes>(a, b);
}

internal readonly struct UnpackLowWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsUInt16(), b.AsUInt16()).AsByte() : Halves.Interleave(a.AsUInt16(), b.AsUInt16(), 0).AsByte();
}

internal readonly struct UnpackHighWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsUInt16(), b.AsUInt16()).AsByte() : Halves.Interleave(a.AsUInt16(), b.AsUInt16(), 4).AsByte();

    public static ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked => Halves.High<UnpackLowWords>(a, b);
}

internal readonly struct UnpackLowDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsUInt32(), b.AsUInt32()).AsByte() : Halves.Interleave(a.AsUInt32(), b.AsUInt32(), 0).AsByte();
}

internal readonly struct UnpackHighDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsUInt32(), b.AsUInt32()).AsByte() : Halves.Interleave(a.AsUInt32(), b.AsUInt32(), 2).AsByte();

    public static ulong Apply64<TSelf>(ulong a, ulong b)
        where TSelf : struct, IPacked => Halves.High<UnpackLowDoublewords>(a, b);
}

internal readonly struct UnpackLowQuadwords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Create(a.AsUInt64().GetLower(), b.AsUInt64().GetLower()).AsByte();
}

internal readonly struct UnpackHighQuadwords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Create(a.AsUInt64().GetUpper(), b.AsUInt64().GetUpper()).AsByte();
}

/// <summary>How MMX forms are made from 128-bit functions, and interleaving where the host has no instruction for it.</summary>
internal static class Halves
{
    /// <summary>A packing function on 64-bit operands: both sit side by side in one vector.</summary>
    public static ulong Packed<TFunction>(ulong a, ulong b)
        where TFunction : struct, IPacked
    {
        var both = Vector128.Create(a, b).AsByte();
        return TFunction.Apply(both, both).AsUInt64().ToScalar();
    }

    /// <summary>The upper half of what interleaving two 64-bit operands gives.</summary>
    public static ulong High<TLow>(ulong a, ulong b)
        where TLow : struct, IPacked =>
        TLow.Apply(Vector128.CreateScalar(a).AsByte(), Vector128.CreateScalar(b).AsByte()).AsUInt64().GetElement(1);

    /// <summary>Elements of a and b in turns, starting with element <paramref name="first"/>.</summary>
    public static Vector128<T> Interleave<T>(Vector128<T> a, Vector128<T> b, int first)
    {
        Vector128<T> result = default;
        for (int i = 0; i < Vector128<T>.Count; i++)
            result = result.WithElement(i, ((i & 1) == 0 ? a : b).GetElement(first + (i >> 1)));
        return result;
    }
}
