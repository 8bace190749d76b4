// Floating point in the XMM registers. Each lane has an exact answer from the arithmetic core; in front of it stands a fast path that lets
// the host's own unit compute when that provably gives the same bits and no new flag.
//
//J:Guest:360 When the host may do the arithmetic
// .NET cannot read or set the host's MXCSR, so flags have to be found out by thought. The thought is short in the usual case: the Guest
// rounds to nearest, its inexact flag is already set (one division sets it, and hardly a program ever clears it) and masked, no operand is
// denormal, and the result came out as an ordinary number well inside its range. Then no other exception is possible, and the host's result
// is the Guest's. Anything else goes the exact way.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Execute.Simd;

/// <summary>A function of destination and source vectors under MXCSR.</summary>
internal unsafe interface ISseFunction
{
    static abstract Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context);
}

/// <summary>What is computed in a lane.</summary>
internal unsafe interface ISseLane
{
    /// <summary>Whether <see cref="Fast32"/> and <see cref="Fast64"/> compute the same, flags aside.</summary>
    static abstract bool HasFast { get; }

    /// <summary>The exact answer; <paramref name="op"/> carries a predicate where there is one.</summary>
    static abstract ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat;

    static abstract Vector128<float> Fast32(Vector128<float> a, Vector128<float> b);

    static abstract Vector128<double> Fast64(Vector128<double> a, Vector128<double> b);
}

/// <summary>The lowest lane only; the others keep the destination's bits.</summary>
internal readonly unsafe struct Scalar32<TLane> : ISseFunction
    where TLane : struct, ISseLane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        if (TLane.HasFast && SseFast.IsAllowed(context.Control))
        {
            float result = TLane.Fast32(a.AsSingle(), b.AsSingle()).ToScalar();
            if (SseFast.IsSafe(BitConverter.SingleToUInt32Bits(result), a.AsUInt32().ToScalar(), b.AsUInt32().ToScalar()))
                return a.AsSingle().WithElement(0, result).AsByte();
        }

        return a.AsUInt32().WithElement(0, (uint)TLane.Apply<Binary32>(op, a.AsUInt32().ToScalar(), b.AsUInt32().ToScalar(), ref context))
            .AsByte();
    }
}

/// <summary>As <see cref="Scalar32{TLane}"/>, for 64 bits.</summary>
internal readonly unsafe struct Scalar64<TLane> : ISseFunction
    where TLane : struct, ISseLane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        if (TLane.HasFast && SseFast.IsAllowed(context.Control))
        {
            double result = TLane.Fast64(a.AsDouble(), b.AsDouble()).ToScalar();
            if (SseFast.IsSafe(BitConverter.DoubleToUInt64Bits(result), a.AsUInt64().ToScalar(), b.AsUInt64().ToScalar()))
                return a.AsDouble().WithElement(0, result).AsByte();
        }

        return a.AsUInt64().WithElement(0, TLane.Apply<Binary64>(op, a.AsUInt64().ToScalar(), b.AsUInt64().ToScalar(), ref context))
            .AsByte();
    }
}

/// <summary>All four lanes.</summary>
internal readonly unsafe struct Packed32<TLane> : ISseFunction
    where TLane : struct, ISseLane
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        if (TLane.HasFast && SseFast.IsAllowed(context.Control))
        {
            var result = TLane.Fast32(a.AsSingle(), b.AsSingle());
            if (SseFast.AreSafe(result.AsUInt32(), a.AsUInt32(), b.AsUInt32()))
                return result.AsByte();
        }

        Vector128<uint> exact = default;
        for (int i = 0; i < 4; i++)
            exact = exact.WithElement(i, (uint)TLane.Apply<Binary32>(
                op, a.AsUInt32().GetElement(i), b.AsUInt32().GetElement(i), ref context));
        return exact.AsByte();
    }
}

/// <summary>Both lanes.</summary>
internal readonly unsafe struct Packed64<TLane> : ISseFunction
    where TLane : struct, ISseLane
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context)
    {
        if (TLane.HasFast && SseFast.IsAllowed(context.Control))
        {
            var result = TLane.Fast64(a.AsDouble(), b.AsDouble());
            if (SseFast.IsSafe(result.AsUInt64().ToScalar(), a.AsUInt64().ToScalar(), b.AsUInt64().ToScalar())
                && SseFast.IsSafe(result.AsUInt64().GetElement(1), a.AsUInt64().GetElement(1), b.AsUInt64().GetElement(1)))
                return result.AsByte();
        }

        ulong low = TLane.Apply<Binary64>(op, a.AsUInt64().ToScalar(), b.AsUInt64().ToScalar(), ref context);
        return Vector128.Create(low, TLane.Apply<Binary64>(op, a.AsUInt64().GetElement(1), b.AsUInt64().GetElement(1), ref context))
            .AsByte();
    }
}

/// <summary>The conditions of the fast path.</summary>
internal static class SseFast
{
    private const uint Watched = 0x7020;
    private const uint Wanted = 0x1020;

    /// <summary>Nearest even, the inexact flag set and masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAllowed(uint mxcsr) => (mxcsr & Watched) == Wanted;

    /// <summary>
    /// The result is an ordinary number, above the smallest exponent so that it cannot have been tiny before rounding, and no operand
    /// is denormal (a zero operand is fine).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSafe(ulong result, ulong a, ulong b) =>
        (result & (ulong.MaxValue >> 1)) - (2UL << 52) < (0x7FFUL << 52) - (2UL << 52) && !IsDenormal(a) && !IsDenormal(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSafe(uint result, uint a, uint b) =>
        (result & (uint.MaxValue >> 1)) - (2u << 23) < (0xFFu << 23) - (2u << 23) && !IsDenormal(a) && !IsDenormal(b);

    public static bool AreSafe(Vector128<uint> result, Vector128<uint> a, Vector128<uint> b)
    {
        var magnitude = Vector128.Create(uint.MaxValue >> 1);
        var range = Vector128.LessThan((result & magnitude) - Vector128.Create(2u << 23),
            Vector128.Create((0xFFu << 23) - (2u << 23)));
        return range == Vector128<uint>.AllBitsSet && !HasDenormal(a & magnitude) && !HasDenormal(b & magnitude);
    }

    private static bool HasDenormal(Vector128<uint> magnitudes) =>
        Vector128.LessThanAny(magnitudes - Vector128<uint>.One, Vector128.Create((1u << 23) - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDenormal(ulong bits) => (bits & (ulong.MaxValue >> 1)) - 1 < (1UL << 52) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDenormal(uint bits) => (bits & (uint.MaxValue >> 1)) - 1 < (1u << 23) - 1;
}
