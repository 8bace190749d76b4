// The exceptions of the processor by their mnemonics, so that no handler has to say "13".
namespace Lguest.Guest.Cpu;

/// <summary>Exception vectors (Intel SDM vol. 3, table 6-1).</summary>
public static class Vectors
{
    public const byte DivideError = 0;
    public const byte Debug = 1;
    public const byte NonMaskable = 2;
    public const byte Breakpoint = 3;
    public const byte Overflow = 4;
    public const byte BoundRange = 5;
    public const byte InvalidOpcode = 6;
    public const byte DeviceNotAvailable = 7;
    public const byte DoubleFault = 8;
    public const byte InvalidTss = 10;
    public const byte SegmentNotPresent = 11;
    public const byte StackFault = 12;
    public const byte GeneralProtection = 13;
    public const byte PageFault = 14;
    public const byte FloatingPoint = 16;
    public const byte AlignmentCheck = 17;
    public const byte SimdFloatingPoint = 19;

    /// <summary>Whether the processor pushes an error code for this exception.</summary>
    public static bool HasErrorCode(byte vector) => vector is DoubleFault or (>= InvalidTss and <= PageFault) or AlignmentCheck;
}
