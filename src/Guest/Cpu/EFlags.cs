// The bits of EFLAGS, and which of them the lazy representation in CpuState keeps.
namespace Lguest.Guest.Cpu;

/// <summary>EFLAGS bits (Intel SDM vol. 1, 3.4.3).</summary>
public static class EFlags
{
    public const uint Carry = 1;
    public const uint AlwaysOne = 2;
    public const uint Parity = 4;
    public const uint Adjust = 0x10;
    public const uint Zero = 0x40;
    public const uint Sign = 0x80;
    public const uint Trap = 0x100;
    public const uint Interrupt = 0x200;
    public const uint Direction = 0x400;
    public const uint Overflow = 0x800;
    public const uint IoPrivilege = 0x3000;
    public const uint NestedTask = 0x4000;
    public const uint Resume = 0x10000;
    public const uint Virtual8086 = 0x20000;
    public const uint AlignmentCheck = 0x40000;
    public const uint VirtualInterrupt = 0x80000;
    public const uint VirtualInterruptPending = 0x100000;
    public const uint Identification = 0x200000;

    /// <summary>The six status flags, kept lazily.</summary>
    public const uint Status = Carry | Parity | Adjust | Zero | Sign | Overflow;

    /// <summary>Every bit that exists on this processor, without the constant one.</summary>
    public const uint Known = Status | Trap | Interrupt | Direction | IoPrivilege | NestedTask | Resume | AlignmentCheck | Identification;
}
