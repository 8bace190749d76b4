// Every rule whose breaking costs a Guest its life, as a closed list: the tests go through it line by line.
namespace Lguest.Switcher.Slots;

/// <summary>Why the Host killed a Guest (ABI sheet 13.2).</summary>
public enum KillReason
{
    /// <summary>A hypercall before LGUEST_INIT.</summary>
    HypercallBeforeInitialisation,

    /// <summary>LGUEST_INIT a second time.</summary>
    AlreadyInitialised,

    /// <summary>lguest_data lies outside of memory, or is nothing that any known kernel would pass.</summary>
    BadGuestPage,

    /// <summary>lguest_data of a generation that this Host does not run.</summary>
    UnsupportedGeneration,

    BadSyscallVector,

    /// <summary>kernel_address lies in the Switcher's area.</summary>
    BadKernelAddress,

    UnknownHypercall,

    /// <summary>A physical argument that the Host should have read lies outside of memory.</summary>
    BadReadAddress,

    /// <summary>A linear address that the Host needed (stack, EIP) is not mapped.</summary>
    BadAddress,

    /// <summary>LOAD_GDT with more than 32 descriptors.</summary>
    TooManyGdtEntries,

    BadGdtEntry,

    IdtEntryOutOfRange,

    BadIdtType,

    BadStackSegment,

    BadStackPages,

    /// <summary>A page of the trap stack cannot be mapped writable.</summary>
    BadStackPage,

    BadPageTableEntry,

    BadPageMiddleDirectoryEntry,

    BadPageDirectoryEntry,

    /// <summary>SET_PTE for an address in the Switcher's area.</summary>
    SetPteInSwitcher,

    /// <summary>An access to the Switcher's area (through 2.6.35).</summary>
    SwitcherAccess,

    SetPgdOutOfRange,

    /// <summary>The Host has no room for what the Guest needs (boot page tables).</summary>
    HostResource,

    /// <summary>BIND_DMA or SEND_DMA with a key outside of memory or not a multiple of 4.</summary>
    BadDmaKey,

    /// <summary>A DMA descriptor with a section outside of memory, above 4096 bytes or across a page's end.</summary>
    BadDmaEntry,

    /// <summary>A DMA descriptor, sent or bound, that lies outside of memory.</summary>
    BadDmaAddress,

    /// <summary>A driver of generation 3 broke a rule that its devices do not forgive.</summary>
    BadDriver,

    /// <summary>An exception for which the Guest has no gate; vector 256: a segment register that could not be reloaded.</summary>
    UnhandledTrap,
}
