// What the lanes of ADDPS and its relatives compute: the exact function and, where there is one, the host's.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Execute.Simd;

internal readonly unsafe struct AddLane : ISseLane
{
    public static bool HasFast => true;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Add(a, b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a + b;
}

internal readonly unsafe struct SubtractLane : ISseLane
{
    public static bool HasFast => true;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Subtract(a, b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a - b;
}

internal readonly unsafe struct MultiplyLane : ISseLane
{
    public static bool HasFast => true;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Multiply(a, b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a * b;
}

internal readonly unsafe struct DivideLane : ISseLane
{
    public static bool HasFast => true;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Divide(a, b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a / b;
}

/// <summary>A function of the source alone; an ordinary root has an ordinary source, but the destination does not matter.</summary>
internal readonly unsafe struct SquareRootLane : ISseLane
{
    public static bool HasFast => true;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.SquareRoot(b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => Vector128.Sqrt(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => Vector128.Sqrt(b);
}

internal readonly unsafe struct MinimumLane : ISseLane
{
    public static bool HasFast => false;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Minimum(a, b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a;
}

internal readonly unsafe struct MaximumLane : ISseLane
{
    public static bool HasFast => false;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Maximum(a, b, ref context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a;
}

/// <summary>CMPxx: all ones or all zeros; the predicate is in <see cref="Op.Extra"/>.</summary>
internal readonly unsafe struct CompareLane : ISseLane
{
    public static bool HasFast => false;

    public static ulong Apply<TFormat>(Op* op, ulong a, ulong b, ref SseContext context)
        where TFormat : struct, IFloatFormat => SseArithmetic<TFormat>.Compare(a, b, op->Extra, ref context) ? SseNumber<TFormat>.SignBit
            | (SseNumber<TFormat>.SignBit - 1) : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Fast32(Vector128<float> a, Vector128<float> b) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Fast64(Vector128<double> a, Vector128<double> b) => a;
}
