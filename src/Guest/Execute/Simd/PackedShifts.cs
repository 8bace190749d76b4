// Integer SIMD shifts. A count beyond the element's width is no mistake: it shifts everything out.
using System.Runtime.Intrinsics;

namespace Lguest.Guest.Execute.Simd;

internal readonly struct ShiftLeftWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        b.AsUInt64().ToScalar() > 15 ? default : (a.AsUInt16() << (int)b.AsUInt32().ToScalar()).AsByte();
}

internal readonly struct ShiftLeftDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        b.AsUInt64().ToScalar() > 31 ? default : (a.AsUInt32() << (int)b.AsUInt32().ToScalar()).AsByte();
}

internal readonly struct ShiftLeftQuadwords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        b.AsUInt64().ToScalar() > 63 ? default : (a.AsUInt64() << (int)b.AsUInt32().ToScalar()).AsByte();
}

internal readonly struct ShiftRightWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        b.AsUInt64().ToScalar() > 15 ? default : (a.AsUInt16() >>> (int)b.AsUInt32().ToScalar()).AsByte();
}

internal readonly struct ShiftRightDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        b.AsUInt64().ToScalar() > 31 ? default : (a.AsUInt32() >>> (int)b.AsUInt32().ToScalar()).AsByte();
}

internal readonly struct ShiftRightQuadwords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        b.AsUInt64().ToScalar() > 63 ? default : (a.AsUInt64() >>> (int)b.AsUInt32().ToScalar()).AsByte();
}

internal readonly struct ShiftArithmeticWords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsInt16() >> (int)Math.Min(b.AsUInt64().ToScalar(), 15)).AsByte();
}

internal readonly struct ShiftArithmeticDoublewords : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsInt32() >> (int)Math.Min(b.AsUInt64().ToScalar(), 31)).AsByte();
}

/// <summary>PSLLDQ: whole bytes.</summary>
internal readonly struct ShiftLeftBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        ulong count = b.AsUInt64().ToScalar();
        UInt128 value = new(a.AsUInt64().GetElement(1), a.AsUInt64().ToScalar());
        value = count > 15 ? 0 : value << (int)(8 * count);
        return Vector128.Create((ulong)value, (ulong)(value >> 64)).AsByte();
    }
}

/// <summary>PSRLDQ: whole bytes.</summary>
internal readonly struct ShiftRightBytes : IPacked
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
    {
        ulong count = b.AsUInt64().ToScalar();
        UInt128 value = new(a.AsUInt64().GetElement(1), a.AsUInt64().ToScalar());
        value = count > 15 ? 0 : value >> (int)(8 * count);
        return Vector128.Create((ulong)value, (ulong)(value >> 64)).AsByte();
    }
}
