// Before an x87 operation may compute, its operands pass inspection: unsupported encodings, signaling NaNs, quiet NaNs,
// denormals, in that order of precedence. Each operation's fast path skips this room; everything odd ends here.

using System.Numerics;

namespace Lguest.Guest.Arithmetic;

/// <summary>Operand checks shared by the x87 operations (Intel SDM vol. 1, 4.8.3.5 table 4-7, 4.9.2 and 8.5.1 to 8.5.2).</summary>
internal static class X87Operands
{
    /// <summary>True when an operand is unsupported or a NaN, so that <see cref="Answer"/> holds instead of a computed result.</summary>
    public static bool NeedAnswer(Float80 a, Float80 b) => a.IsUnsupported || b.IsUnsupported || a.IsNaN || b.IsNaN;

    public static bool NeedAnswer(Float80 a) => a.IsUnsupported || a.IsNaN;

    /// <summary>
    /// The result when <see cref="NeedAnswer(Float80, Float80)"/>: the indefinite for unsupported operands, else the NaN with the larger
    /// significand, quieted, where a quiet NaN wins over a signaling one. Raises #IA where the manual says.
    /// </summary>
    public static Float80 Answer(Float80 a, Float80 b, ref X87Context context)
    {
        if (a.IsUnsupported || b.IsUnsupported)
            return context.RaiseInvalid();
        bool signalingA = a.IsSignalingNaN;
        bool signalingB = b.IsSignalingNaN;
        if (signalingA || signalingB)
            context.Status |= X87Context.Invalid;
        if (!a.IsNaN)
            return b.Quieted;
        if (!b.IsNaN)
            return a.Quieted;
        if (signalingA != signalingB)
            return signalingA ? b : a;
        if (a.Significand != b.Significand)
            return a.Significand > b.Significand ? a.Quieted : b.Quieted;
        return a.Sign == 0 ? a.Quieted : b.Quieted;
    }

    public static Float80 Answer(Float80 a, ref X87Context context)
    {
        if (a.IsUnsupported)
            return context.RaiseInvalid();
        if (a.IsSignalingNaN)
            context.Status |= X87Context.Invalid;
        return a.Quieted;
    }

    /// <summary>Raises #D if either operand is denormal; true when that ends the operation.</summary>
    public static bool StopAtDenormal(Float80 a, Float80 b, ref X87Context context) =>
        (a.IsDenormal || b.IsDenormal) && context.RaiseDenormal();

    public static bool StopAtDenormal(Float80 a, ref X87Context context) => a.IsDenormal && context.RaiseDenormal();

    /// <summary>Exponent and significand of a finite nonzero number with its leading one in bit 63; the exponent may go below 1.</summary>
    public static (int Exponent, ulong Significand) Normalize(Float80 value)
    {
        if (value.Exponent != 0)
            return (value.Exponent, value.Significand);
        int shift = BitOperations.LeadingZeroCount(value.Significand);
        return (1 - shift, value.Significand << shift);
    }
}
