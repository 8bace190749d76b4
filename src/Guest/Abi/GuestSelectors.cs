// The descriptor table that every Guest has: 32 entries, some of them the Host's own.
namespace Lguest.Guest.Abi;

/// <summary>GDT entries and selectors (ABI sheet 1.7 and 6.1).</summary>
public static class GuestSelectors
{
    /// <summary>Descriptors in a Guest's GDT (GDT_ENTRIES).</summary>
    public const int DescriptorCount = 32;

    /// <summary>First of the three thread-local storage descriptors.</summary>
    public const int TlsEntry = 6;

    public const int TlsCount = 3;

    /// <summary>The Switcher's code and data segments, ring 0 (LGUEST_CS, LGUEST_DS).</summary>
    public const int SwitcherCodeEntry = 10;

    public const int SwitcherDataEntry = 11;

    public const int KernelCodeEntry = 12;

    public const int KernelDataEntry = 13;

    public const int TaskStateEntry = 16;

    public const int DoubleFaultEntry = 31;

    public const ushort SwitcherCode = SwitcherCodeEntry << 3;

    /// <summary>0x61: the Guest kernel's code, ring 1.</summary>
    public const ushort KernelCode = (KernelCodeEntry << 3) | KernelPrivilege;

    /// <summary>0x69: the Guest kernel's data and stack, ring 1.</summary>
    public const ushort KernelData = (KernelDataEntry << 3) | KernelPrivilege;

    public const ushort TaskState = TaskStateEntry << 3;

    /// <summary>GUEST_PL: the ring of a Guest kernel.</summary>
    public const int KernelPrivilege = 1;

    /// <summary>FULL_EXEC_SEGMENT: flat code, DPL 1, accessed.</summary>
    public const ulong KernelCodeDescriptor = 0x00cfbb00_0000ffff;

    /// <summary>FULL_SEGMENT: flat data, DPL 1, accessed.</summary>
    public const ulong KernelDataDescriptor = 0x00cfb300_0000ffff;
}
