// An x87 operation needs to know how to round and which exceptions are masked, and has more to tell than its result.
// This is the slip of paper that travels with it: the control word going in, status bits coming out.

namespace Lguest.Guest.Arithmetic;

/// <summary>
/// The control word an operation runs under and the status word bits it raised (Intel SDM vol. 1, 8.1.3 and 8.1.5).
/// <see cref="Status"/> starts at 0 for every instruction; its bits stand where the status word has them: IE to PE in bits 0 to 5,
/// C0 in 8, C1 in 9 ("rounded up" when inexact), C2 in 10, C3 in 14.
/// </summary>
internal struct X87Context(uint control)
{
    public const uint Invalid = 0x01;
    public const uint Denormal = 0x02;
    public const uint ZeroDivide = 0x04;
    public const uint Overflow = 0x08;
    public const uint Underflow = 0x10;
    public const uint Inexact = 0x20;
    public const uint Exceptions = 0x3F;
    public const uint C0 = 0x100;
    public const uint C1 = 0x200;
    public const uint C2 = 0x400;
    public const uint C3 = 0x4000;
    public const uint FullPrecision = 0x300;

    /// <summary>Above the status word: a remainder's C0 and C3 are defined: operands were numbers.</summary>
    public const uint HasQuotient = 0x1_0000;

    public const uint Nearest = 0;
    public const uint Down = 1;
    public const uint Up = 2;
    public const uint Chop = 3;

    public readonly uint Control = control;
    public uint Status;

    /// <summary>RC: 0 nearest even, 1 down, 2 up, 3 towards zero.</summary>
    public readonly uint Rounding => (Control >> 10) & 3;

    /// <summary>How many low significand bits precision control cuts off: 40, 11 or 0. The reserved value 1 works like 64 bits.</summary>
    public readonly int DroppedBits => ((Control >> 8) & 3) switch { 0 => 40, 2 => 11, _ => 0 };

    /// <summary>
    /// True when an unmasked exception was found before computing (#IA, #IS, #D, #Z): the destination must not be written and the
    /// stack not popped. Unmasked #O, #U and #P to a register still write their result (Intel SDM vol. 1, 8.5).
    /// </summary>
    public readonly bool Aborted => (Status & ~Control & (Invalid | Denormal | ZeroDivide)) != 0;

    /// <summary>True when any unmasked exception was raised; stores to memory are then suppressed for #O and #U as well.</summary>
    public readonly bool Unmasked(uint exceptions) => (Status & ~Control & exceptions) != 0;

    public readonly bool IsMasked(uint exception) => (Control & exception) != 0;

    /// <summary>Raises #IA and gives its masked answer, the real indefinite.</summary>
    public Float80 RaiseInvalid()
    {
        Status |= Invalid;
        return Float80.Indefinite;
    }

    /// <summary>Raises #D; true when it is unmasked and the operation has to stop.</summary>
    public bool RaiseDenormal()
    {
        Status |= Denormal;
        return (Control & Denormal) == 0;
    }

    /// <summary>Raises #Z; true when it is unmasked and the operation has to stop.</summary>
    public bool RaiseZeroDivide()
    {
        Status |= ZeroDivide;
        return (Control & ZeroDivide) == 0;
    }
}
