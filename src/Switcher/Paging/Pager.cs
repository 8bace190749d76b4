// The paging calls, and the rules for the entries that the page walk finds.
//
//J:Switcher:600 What is left of the hard part
// Shadow page tables are the largest file of lguest. Here the processor walks the Guest's own tables, so a paging call has only to make it
// forget: a page, the user's half, everything. What must not be forgotten are the rules, for a walk may lead anywhere: each entry is looked
// at when it is used, and one that points outside of the Guest's memory, or has flags that mean something only to real hardware, ends the
// Guest.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Paging;

/// <summary>Paging of one Guest (ABI sheet 7).</summary>
internal sealed unsafe class Pager(GuestSlot slot)
{
    private const uint Present = 1;
    private const uint AllowedDirectoryFlags = 0x67;
    private const uint LargePage = 0x80;
    private const int DirectoryEntries = 1024;
    private const int DirectoryPointers = 4;
    private const int DirectoryShift = 22;
    private const int DirectoryPointerShift = 30;
    private const uint EferNoExecute = 1 << 11;
    private bool _kernelHalfSettled;

    /// <summary>Whether the Guest's tables are in PAE format.</summary>
    public bool IsPae { get; private set; }

    /// <summary>Tells the processor that the tables are in PAE format, with NX.</summary>
    public void UsePae()
    {
        IsPae = true;
        slot.Processor.State->Cr4 |= ControlRegisters.Cr4PhysicalAddressExtension;
        slot.Processor.State->Efer |= EferNoExecute;
    }

    /// <summary>Switches translation on with tables that were made for a kernel that expects to find some.</summary>
    public void UseTables(GuestPhysical root)
    {
        slot.Processor.State->Cr3 = root.Value;
        slot.Processor.State->Cr0 |= ControlRegisters.Cr0Paging;
        slot.Processor.FlushTlb();
    }

    /// <summary>NEW_PGTABLE.</summary>
    public void NewPageTable(GuestPhysical root)
    {
        uint size = IsPae ? DirectoryPointers * sizeof(ulong) : (uint)GuestMemory.PageSize;
        if (!slot.Memory.Contains(root, size))
        {
            slot.Kill(KillReason.BadReadAddress, $"bad read address 0x{root.Value:x} len {size} (page table root)");
            return;
        }

        var c = slot.Processor.State;
        bool first = (c->Cr0 & ControlRegisters.Cr0Paging) == 0;
        if (first)
        {
            if (PaeRecognition.LooksLikePae(slot.Memory, root))
                UsePae();
            c->Cr0 |= ControlRegisters.Cr0Paging;
        }

        c->Cr3 = root.Value;

        // The kernel's half is the same in all of a Guest's address spaces, and a change there is told for all of them, so what is known of
        // it stays good; but only once the kernel has left the tables that it started with.
        if (_kernelHalfSettled)
            slot.Processor.FlushTlbBelow(slot.KernelAddress);
        else
            slot.Processor.FlushTlb();
        _kernelHalfSettled = !first;
        slot.Stack.Pin();
    }

    /// <summary>FLUSH_TLB: everything, or what lies below kernel_address.</summary>
    public void Flush(bool everything)
    {
        if (everything)
        {
            slot.Processor.FlushTlb();
            slot.Stack.Pin();
        }
        else
        {
            slot.Processor.FlushTlbBelow(slot.KernelAddress);
        }
    }

    /// <summary>SET_PTE: the Guest has written an entry; forget the old one. Another address space's user half is not cached.</summary>
    public void SetEntry(GuestPhysical root, GuestVirtual address)
    {
        if (address.Value >= slot.SwitcherBase)
        {
            slot.Kill(KillReason.SetPteInSwitcher, $"attempt to set pte into Switcher pages at {address.Value:x}");
            return;
        }

        if (address.Value >= slot.KernelAddress.Value || root.Value == slot.Processor.State->Cr3)
            slot.Processor.FlushTlbPage(address);
    }

    /// <summary>SET_PMD (to 2.6.30), SET_PGD: the Guest has written a top-level entry.</summary>
    public void SetDirectory(GuestPhysical root, uint index)
    {
        // Until 2.6.35 an index at or after the Switcher's was ignored; later one after the table is an offence.
        if (slot.Family >= AbiFamily.Linux3)
        {
            if (index >= (IsPae ? DirectoryPointers : DirectoryEntries))
            {
                slot.Kill(KillReason.SetPgdOutOfRange, $"attempt to set pgd {index} out of range");
                return;
            }
        }
        else if (index >= (IsPae ? DirectoryPointers : slot.SwitcherBase >> DirectoryShift))
        {
            return;
        }

        if (root.Value != slot.Processor.State->Cr3)
            return;
        if ((ulong)index << (IsPae ? DirectoryPointerShift : DirectoryShift) < slot.KernelAddress.Value)
            slot.Processor.FlushTlbBelow(slot.KernelAddress);
        else
            slot.Processor.FlushTlb();
    }

    /// <summary>The checks of sheet 7.2 on an entry about to be used. False: the Guest has been killed.</summary>
    public bool Accept(PagingLevel level, ulong entry, GuestVirtual address)
    {
        uint low = (uint)entry;
        ulong frame = (entry & 0x7fff_ffff_ffff_f000) >> GuestMemory.PageShift;
        bool inside = frame < slot.Memory.FrameLimit;
        switch (level)
        {
            case PagingLevel.Table:
                if ((inside || frame < slot.DeviceFrameLimit) && (low & LargePage) == 0)
                    return true;
                slot.Kill(KillReason.BadPageTableEntry, $"bad page table entry {entry:x} for {address.Value:x}");
                return false;
            case PagingLevel.Directory:
                if (inside && (low & 0xfff & ~AllowedDirectoryFlags) == 0)
                    return true;
                break;
            case PagingLevel.DirectoryPointer:
                if (inside && (low & 0xfff & ~Present) == 0)
                    return true;
                slot.Kill(KillReason.BadPageDirectoryEntry, $"bad page directory entry {entry:x} for {address.Value:x}");
                return false;
            case PagingLevel.Linear:
                if (inside || frame < slot.DeviceFrameLimit)
                    return true;
                slot.Kill(KillReason.BadPageTableEntry,
                    $"bad page table entry: address {address.Value:x} is outside of memory and there are no page tables yet");
                return false;
        }

        slot.Kill(
            IsPae ? KillReason.BadPageMiddleDirectoryEntry : KillReason.BadPageDirectoryEntry,
            $"bad page {(IsPae ? "middle " : "")}directory entry {entry:x} for {address.Value:x}");
        return false;
    }
}
