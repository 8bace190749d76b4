// What MXCSR says on the way in and learns on the way out of one SSE instruction. Unlike the x87, SSE delivers an unmasked
// exception at once and writes nothing, so all lanes of an instruction share one of these before anything is stored.

namespace Lguest.Guest.Arithmetic;

/// <summary>MXCSR for the duration of one instruction (Intel SDM vol. 1, 10.2.3).</summary>
internal struct SseContext(uint control)
{
    public const uint Invalid = 0x01;
    public const uint Denormal = 0x02;
    public const uint ZeroDivide = 0x04;
    public const uint Overflow = 0x08;
    public const uint Underflow = 0x10;
    public const uint Inexact = 0x20;
    public const uint DenormalsAreZeros = 0x40;
    public const uint FlushToZero = 0x8000;
    private const int MaskShift = 7;
    private const uint BeforeComputing = Invalid | Denormal | ZeroDivide;

    /// <summary>MXCSR as it was before the instruction.</summary>
    public readonly uint Control = control;

    /// <summary>Exceptions raised so far, in MXCSR's bits 0 to 5.</summary>
    public uint Raised;

    /// <summary>RC: 0 nearest even, 1 down, 2 up, 3 towards zero.</summary>
    public readonly uint Rounding => (Control >> 13) & 3;

    public readonly bool ReadsDenormalsAsZero => (Control & DenormalsAreZeros) != 0;

    /// <summary>Flush to zero counts only while underflow is masked.</summary>
    public readonly bool FlushesToZero => (Control & FlushToZero) != 0 && IsMasked(Underflow);

    public readonly bool IsMasked(uint exception) => ((Control >> MaskShift) & exception) == exception;

    /// <summary>True when an unmasked exception was raised: #XM instead of a result.</summary>
    public readonly bool Faults => (Raised & ~(Control >> MaskShift)) != 0;

    /// <summary>
    /// MXCSR after the instruction. When an exception found before computing is unmasked, no lane got as far as computing, so what
    /// the others would have raised after it does not show.
    /// </summary>
    public readonly uint After
    {
        get
        {
            bool stopped = (Raised & BeforeComputing & ~(Control >> MaskShift)) != 0;
            return Control | (stopped ? Raised & BeforeComputing : Raised);
        }
    }
}
