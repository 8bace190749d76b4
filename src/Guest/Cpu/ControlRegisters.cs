// The bits of the control registers that this processor has.
namespace Lguest.Guest.Cpu;

/// <summary>CR0 and CR4 bits (Intel SDM vol. 3, 2.5).</summary>
public static class ControlRegisters
{
    public const uint Cr0ProtectionEnable = 1;
    public const uint Cr0MonitorCoprocessor = 2;
    public const uint Cr0Emulation = 4;
    public const uint Cr0TaskSwitched = 8;
    public const uint Cr0ExtensionType = 0x10;
    public const uint Cr0NumericError = 0x20;
    public const uint Cr0WriteProtect = 0x10000;
    public const uint Cr0AlignmentMask = 0x40000;
    public const uint Cr0NotWriteThrough = 0x20000000;
    public const uint Cr0CacheDisable = 0x40000000;
    public const uint Cr0Paging = 0x80000000;

    /// <summary>All that CR0 has. What is written to any other bit is lost.</summary>
    public const uint Cr0All = Cr0ProtectionEnable | Cr0MonitorCoprocessor | Cr0Emulation | Cr0TaskSwitched | Cr0ExtensionType
        | Cr0NumericError | Cr0WriteProtect | Cr0AlignmentMask | Cr0NotWriteThrough | Cr0CacheDisable | Cr0Paging;

    public const uint Cr4TimeStampDisable = 4;
    public const uint Cr4PageSizeExtension = 0x10;
    public const uint Cr4PhysicalAddressExtension = 0x20;
    public const uint Cr4PageGlobal = 0x80;
    public const uint Cr4PerformanceCounter = 0x100;
    public const uint Cr4OsFxsr = 0x200;
    public const uint Cr4OsXmmExceptions = 0x400;

    /// <summary>All that CR4 has: what CPUID tells of, and the bit for counters, which it never tells of. Other bits raise #GP.</summary>
    public const uint Cr4All = Cr4TimeStampDisable | Cr4PageSizeExtension | Cr4PhysicalAddressExtension | Cr4PageGlobal
        | Cr4PerformanceCounter | Cr4OsFxsr | Cr4OsXmmExceptions;
}
