// The interrupt vectors on which Guest and Host have agreed.
namespace Lguest.Guest.Abi;

/// <summary>Vectors of the Guest interface (ABI sheet, first table, and 5.1).</summary>
public static class GuestVectors
{
    /// <summary>LGUEST_TRAP_ENTRY: the software interrupt that is a hypercall.</summary>
    public const byte Hypercall = 0x1f;

    /// <summary>irq n arrives at vector FirstIrq + n.</summary>
    public const byte FirstIrq = 0x20;

    /// <summary>Virtual interrupt lines; line 0 is the timer.</summary>
    public const int IrqCount = 32;

    /// <summary>Linux's system call.</summary>
    public const byte Syscall = 0x80;

    /// <summary>Not a vector of any processor: a segment register of the Guest could not be reloaded on the way in.</summary>
    public const int SegmentReload = 256;
}
