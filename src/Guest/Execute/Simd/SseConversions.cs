// The CVT instructions as vector functions: which lanes they read, which they write, and what becomes of the rest.
using System.Runtime.Intrinsics;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Execute.Simd;

/// <summary>CVTSS2SD.</summary>
internal readonly unsafe struct WidenScalar : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        a.AsUInt64().WithElement(0, SseConversion.Widen(b.AsUInt32().ToScalar(), ref context)).AsByte();
}

/// <summary>CVTSD2SS.</summary>
internal readonly unsafe struct NarrowScalar : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        a.AsUInt32().WithElement(0, SseConversion.Narrow(b.AsUInt64().ToScalar(), ref context)).AsByte();
}

/// <summary>CVTPS2PD.</summary>
internal readonly unsafe struct WidenPacked : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        ulong low = SseConversion.Widen(b.AsUInt32().ToScalar(), ref context);
        return Vector128.Create(low, SseConversion.Widen(b.AsUInt32().GetElement(1), ref context)).AsByte();
    }
}

/// <summary>CVTPD2PS: the upper half becomes zero.</summary>
internal readonly unsafe struct NarrowPacked : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        uint low = SseConversion.Narrow(b.AsUInt64().ToScalar(), ref context);
        return Vector128.Create(low, SseConversion.Narrow(b.AsUInt64().GetElement(1), ref context), 0, 0).AsByte();
    }
}

/// <summary>CVTDQ2PS.</summary>
internal readonly unsafe struct IntegersToSingles : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        Vector128<uint> result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, (uint)SseConversion.FromInteger<Binary32>(b.AsInt32().GetElement(i), ref context));
        return result.AsByte();
    }
}

/// <summary>CVTPI2PS: two lanes; the upper half keeps its bits.</summary>
internal readonly unsafe struct PairToSingles : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        var result = a.AsUInt32().WithElement(0,
            (uint)SseConversion.FromInteger<Binary32>(b.AsInt32().ToScalar(), ref context));
        return result.WithElement(1, (uint)SseConversion.FromInteger<Binary32>(b.AsInt32().GetElement(1), ref context)).AsByte();
    }
}

/// <summary>CVTDQ2PD and CVTPI2PD: exact.</summary>
internal readonly unsafe struct PairToDoubles : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        ulong low = SseConversion.FromInteger<Binary64>(b.AsInt32().ToScalar(), ref context);
        return Vector128.Create(low, SseConversion.FromInteger<Binary64>(b.AsInt32().GetElement(1), ref context)).AsByte();
    }
}

/// <summary>CVTSI2SS.</summary>
internal readonly unsafe struct IntegerToSingle : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        a.AsUInt32().WithElement(0, (uint)SseConversion.FromInteger<Binary32>(b.AsInt32().ToScalar(), ref context)).AsByte();
}

/// <summary>CVTSI2SD: exact, so the host may do it.</summary>
internal readonly unsafe struct IntegerToDouble : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        a.AsDouble().WithElement(0, b.AsInt32().ToScalar()).AsByte();
}

/// <summary>Whether a conversion truncates whatever MXCSR.RC says.</summary>
internal interface ITruncation
{
    static abstract bool Truncates { get; }
}

internal readonly struct Truncated : ITruncation
{
    public static bool Truncates => true;
}

internal readonly struct Rounded : ITruncation
{
    public static bool Truncates => false;
}

/// <summary>CVTPS2DQ; of its result CVTPS2PI keeps the lower half, but it must not look at the upper one.</summary>
internal readonly unsafe struct SinglesToIntegers<TTruncation> : ISseFunction
    where TTruncation : struct, ITruncation
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        Vector128<int> result = default;
        for (int i = 0; i < 4; i++)
            result = result.WithElement(i, SseConversion.ToInteger<Binary32>(
                b.AsUInt32().GetElement(i), TTruncation.Truncates, ref context));
        return result.AsByte();
    }
}

/// <summary>CVTPS2PI.</summary>
internal readonly unsafe struct SinglePairToIntegers<TTruncation> : ISseFunction
    where TTruncation : struct, ITruncation
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        int low = SseConversion.ToInteger<Binary32>(b.AsUInt32().ToScalar(), TTruncation.Truncates, ref context);
        return Vector128.Create(low, SseConversion.ToInteger<Binary32>(b.AsUInt32().GetElement(1), TTruncation.Truncates, ref context), 0,
            0).AsByte();
    }
}

/// <summary>CVTPD2DQ and CVTPD2PI: the upper half becomes zero.</summary>
internal readonly unsafe struct DoublesToIntegers<TTruncation> : ISseFunction
    where TTruncation : struct, ITruncation
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        int low = SseConversion.ToInteger<Binary64>(b.AsUInt64().ToScalar(), TTruncation.Truncates, ref context);
        return Vector128.Create(low, SseConversion.ToInteger<Binary64>(b.AsUInt64().GetElement(1), TTruncation.Truncates, ref context), 0,
            0).AsByte();
    }
}

/// <summary>CVTSS2SI.</summary>
internal readonly unsafe struct SingleToInteger<TTruncation> : ISseFunction
    where TTruncation : struct, ITruncation
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        Vector128.CreateScalar(SseConversion.ToInteger<Binary32>(b.AsUInt32().ToScalar(), TTruncation.Truncates, ref context)).AsByte();
}

/// <summary>CVTSD2SI.</summary>
internal readonly unsafe struct DoubleToInteger<TTruncation> : ISseFunction
    where TTruncation : struct, ITruncation
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        Vector128.CreateScalar(SseConversion.ToInteger<Binary64>(b.AsUInt64().ToScalar(), TTruncation.Truncates, ref context)).AsByte();
}
