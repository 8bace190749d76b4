// RCPPS and RSQRTPS give some twelve bits, which the manual leaves to the maker of the processor.
//
//J:Mastery:300 Approximations are the host's own
// A Guest that prints the low bits of RCPPS sees which host it runs on, as it would on hardware. On hosts without SSE the correctly rounded
// quotient, cut to twelve bits, stands in. A table of one fixed processor would make Guests move between makes of hosts without noticing.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Execute.Simd;

/// <summary>RCPPS: raises nothing, reads denormals as zeros whatever MXCSR says.</summary>
internal readonly unsafe struct ReciprocalPacked : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        (Sse.IsSupported ? Sse.Reciprocal(b.AsSingle()) : Approximation.Cut(Vector128<float>.One / b.AsSingle())).AsByte();
}

/// <summary>RSQRTPS, in the manner of <see cref="ReciprocalPacked"/>.</summary>
internal readonly unsafe struct ReciprocalRootPacked : ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        (Sse.IsSupported ? Sse.ReciprocalSqrt(b.AsSingle()) : Approximation.Cut(Vector128<float>.One / Vector128.Sqrt(b.AsSingle())))
            .AsByte();
}

/// <summary>The lowest lane of a packed function.</summary>
internal readonly unsafe struct LowestOf<TFunction> : ISseFunction
    where TFunction : struct, ISseFunction
{
    public static Vector128<byte> Apply(Op* op, Vector128<byte> a, Vector128<byte> b, ref SseContext context) =>
        a.AsUInt32().WithElement(0, TFunction.Apply(op, a, b, ref context).AsUInt32().ToScalar()).AsByte();
}

internal static class Approximation
{
    /// <summary>Keeps twelve significant bits.</summary>
    public static Vector128<float> Cut(Vector128<float> value) => (value.AsUInt32() & Vector128.Create(0xFFFF_F000u)).AsSingle();
}
