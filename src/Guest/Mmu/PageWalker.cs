// From a linear page to a physical one, by the Guest's own tables.
//
//J:Guest:200 Paging without shadows
// lguest must build shadow page tables, because real hardware would use the Guest's entries as Host addresses. Its author names the price:
// two round trips for a page fault. We are the hardware. The walk below reads the Guest's tables where the Guest wrote them, sets the
// accessed and dirty bits as a processor does, and puts the result into the soft TLB. A paging hypercall has then nothing to do but forget.
//
// The machine may refuse an entry (lguest kills a Guest that points outside its memory or sets flags it must not); it is asked about
// each present entry that a walk uses, as lguest checks them when used and not when written.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Mmu;

/// <summary>Two-level, PAE and linear translation (Intel SDM vol. 3, 4.3 and 4.4).</summary>
internal static unsafe class PageWalker
{
    private const uint EntryPresent = 1;
    private const uint EntryWritable = 2;
    private const uint EntryUser = 4;
    private const uint EntryAccessed = 0x20;
    private const uint EntryDirty = 0x40;
    private const uint EntryLarge = 0x80;
    private const uint EntryGlobal = 0x100;
    private const ulong EntryNoExecute = 1UL << 63;
    private const uint EferNoExecute = 1 << 11;

    /// <summary>Translates the page of <paramref name="linear"/> for an access. Sets accessed and dirty bits only when the access is
    /// allowed.</summary>
    public static Translation Walk(Processor processor, uint linear, AccessKind access)
    {
        var c = processor.State;
        if ((c->Cr0 & ControlRegisters.Cr0Paging) == 0)
        {
            uint page = linear & ~0xfffu;
            return !Accept(processor, PagingLevel.Linear, page | 7u, linear) ? Refused
                : processor.Bus != null && !processor.Memory.TryLocate(page, GuestMemory.PageSize, out _)
                ? Translation.Device(page)
                : new Translation(WalkResult.Ok, page, 0, true);
        }

        return (c->Cr4 & ControlRegisters.Cr4PhysicalAddressExtension) != 0 ? WalkPae(processor, linear, access)
            : WalkTwoLevel(processor, linear, access);
    }

    /// <summary>Where an instruction fetch would find the page of <paramref name="linear"/>, if it would find it without changing anything:
    /// no exception, no accessed bit to set. Asks nobody and leaves no trace.</summary>
    /// <returns>The physical address of the page, or null.</returns>
    public static uint? Peek(Processor processor, uint linear, bool user)
    {
        var c = processor.State;
        const uint Needed = EntryPresent | EntryAccessed;
        if ((c->Cr0 & ControlRegisters.Cr0Paging) == 0)
            return Inside(linear & ~0xfffu);
        if ((c->Cr4 & ControlRegisters.Cr4PhysicalAddressExtension) != 0)
            return PeekPae();
        uint* directory = Entry32(processor, (c->Cr3 & ~0xfffu) + ((linear >> 22) << 2));
        uint needed = Needed | (user ? EntryUser : 0);
        if (directory == null || (*directory & needed) != needed)
            return null;
        if ((*directory & EntryLarge) != 0)
        {
            return (c->Cr4 & ControlRegisters.Cr4PageSizeExtension) != 0
                ? Inside((*directory & 0xffc00000) | (linear & 0x3ff000)) : null;
        }

        uint* table = Entry32(processor, (*directory & ~0xfffu) + (((linear >> 12) & 0x3ff) << 2));
        return table != null && (*table & needed) == needed ? Inside(*table & ~0xfffu) : null;

        uint? PeekPae()
        {
            ulong* pointer = Entry64(processor, (c->Cr3 & ~0x1fu) + ((linear >> 30) << 3));
            if (pointer == null || (*pointer & EntryPresent) == 0)
                return null;
            ulong forbidden = (c->Efer & EferNoExecute) != 0 ? EntryNoExecute : 0;
            ulong wanted = Needed | (user ? EntryUser : 0u);
            ulong* upper = Entry64(processor, Address(*pointer) + (((linear >> 21) & 0x1ff) << 3));
            if (upper == null || (*upper & (wanted | forbidden)) != wanted)
                return null;
            if ((*upper & EntryLarge) != 0)
                return Inside((Address(*upper) & 0xf_ffe0_0000) | (linear & 0x1ff000));
            ulong* lower = Entry64(processor, Address(*upper) + (((linear >> 12) & 0x1ff) << 3));
            return lower != null && (*lower & (wanted | forbidden)) == wanted ? Inside(Address(*lower)) : null;
        }

        uint? Inside(ulong page) => processor.Memory.TryLocate(page, GuestMemory.PageSize, out var place) ? place.Value : null;
    }

    private static Translation WalkTwoLevel(Processor processor, uint linear, AccessKind access)
    {
        var c = processor.State;
        uint* directory = Entry32(processor, (c->Cr3 & ~0xfffu) + ((linear >> 22) << 2));
        if (directory == null || (*directory & EntryPresent) == 0)
            return Fault(access);
        uint upper = *directory;
        if ((upper & EntryLarge) != 0 && (c->Cr4 & ControlRegisters.Cr4PageSizeExtension) != 0)
        {
            if (!Accept(processor, PagingLevel.LargePage, upper, linear))
                return Refused;
            bool mayWriteLarge = (upper & EntryWritable) != 0;
            if (!Allowed(c, access, (upper & EntryUser) != 0, mayWriteLarge, false))
                return Fault(access | AccessKind.Present);
            processor.NoteWrite(directory);
            *directory = upper | EntryAccessed | ((access & AccessKind.Write) != 0 ? EntryDirty : 0);
            return Mapped(processor, c, access, (upper & 0xffc00000) | (linear & 0x3ff000), mayWriteLarge, *directory, true);
        }

        if (!Accept(processor, PagingLevel.Directory, upper, linear))
            return Refused;
        uint* table = Entry32(processor, (upper & ~0xfffu) + (((linear >> 12) & 0x3ff) << 2));
        if (table == null || (*table & EntryPresent) == 0)
            return Fault(access);
        uint entry = *table;
        bool writable = (upper & entry & EntryWritable) != 0;
        if (!Allowed(c, access, (upper & entry & EntryUser) != 0, writable, false))
            return Fault(access | AccessKind.Present);
        if (!Accept(processor, PagingLevel.Table, entry, linear))
            return Refused;
        if ((upper & EntryAccessed) == 0)
        {
            processor.NoteWrite(directory);
            *directory = upper | EntryAccessed;
        }

        uint marked = entry | EntryAccessed | ((access & AccessKind.Write) != 0 ? EntryDirty : 0);
        if (marked != entry)
        {
            processor.NoteWrite(table);
            *table = marked;
        }

        return Mapped(processor, c, access, entry & ~0xfffu, writable, marked, false);
    }

    private static Translation WalkPae(Processor processor, uint linear, AccessKind access)
    {
        var c = processor.State;
        bool noExecute = (c->Efer & EferNoExecute) != 0;
        if (!noExecute)
            access &= ~AccessKind.Fetch;
        ulong* pointer = Entry64(processor, (c->Cr3 & ~0x1fu) + ((linear >> 30) << 3));
        if (pointer == null || (*pointer & EntryPresent) == 0)
            return Fault(access);
        if (!Accept(processor, PagingLevel.DirectoryPointer, *pointer, linear))
            return Refused;
        ulong* directory = Entry64(processor, Address(*pointer) + (((linear >> 21) & 0x1ff) << 3));
        if (directory == null || (*directory & EntryPresent) == 0)
            return Fault(access);
        ulong upper = *directory;
        if ((upper & EntryLarge) != 0)
        {
            if (!Accept(processor, PagingLevel.LargePage, upper, linear))
                return Refused;
            bool mayWriteLarge = (upper & EntryWritable) != 0;
            if (!Allowed(c, access, (upper & EntryUser) != 0, mayWriteLarge, noExecute && (upper & EntryNoExecute) != 0))
                return Fault(access | AccessKind.Present);
            processor.NoteWrite(directory);
            *directory = upper | EntryAccessed | ((access & AccessKind.Write) != 0 ? EntryDirty : 0);
            return Mapped(processor, c, access, (Address(upper) & 0xf_ffe0_0000) | (linear & 0x1ff000), mayWriteLarge, (uint)*directory,
                true);
        }

        if (!Accept(processor, PagingLevel.Directory, upper, linear))
            return Refused;
        ulong* table = Entry64(processor, Address(upper) + (((linear >> 12) & 0x1ff) << 3));
        if (table == null || (*table & EntryPresent) == 0)
            return Fault(access);
        ulong entry = *table;
        bool writable = (upper & entry & EntryWritable) != 0;
        if (!Allowed(c, access, (upper & entry & EntryUser) != 0, writable, noExecute && ((upper | entry) & EntryNoExecute) != 0))
            return Fault(access | AccessKind.Present);
        if (!Accept(processor, PagingLevel.Table, entry, linear))
            return Refused;
        if ((upper & EntryAccessed) == 0)
        {
            processor.NoteWrite(directory);
            *directory = upper | EntryAccessed;
        }

        ulong marked = entry | EntryAccessed | ((access & AccessKind.Write) != 0 ? EntryDirty : 0);
        if (marked != entry)
        {
            processor.NoteWrite(table);
            *table = marked;
        }

        return Mapped(processor, c, access, Address(entry), writable, (uint)marked, false);
    }

    private static Translation Refused => new(WalkResult.Refused, 0, 0, false);

    private static Translation Fault(AccessKind access) => new(WalkResult.PageFault, 0, (uint)access, false);

    private static bool Accept(Processor processor, PagingLevel level, ulong entry, uint linear) =>
        processor.Machine.AcceptEntry(processor, level, entry, new GuestVirtual(linear));

    /// <summary>The rights of a page against the wishes of an access (Intel SDM vol. 3, 4.6).</summary>
    private static bool Allowed(CpuState* c, AccessKind access, bool userPage, bool writable, bool noExecute)
    {
        bool user = (access & AccessKind.User) != 0;
        if (user && !userPage)
            return false;
        if ((access & AccessKind.Write) != 0 && !writable && (user || (c->Cr0 & ControlRegisters.Cr0WriteProtect) != 0))
            return false;
        return (access & AccessKind.Fetch) == 0 || !noExecute;
    }

    /// <summary>A TLB entry may be written through without a walk only if the page is writable for this access's privilege and dirty
    /// already.</summary>
    private static Translation Mapped(
        Processor processor, CpuState* c, AccessKind access, ulong page, bool writable, uint entry, bool large)
    {
        bool mayWrite = writable || ((access & AccessKind.User) == 0 && (c->Cr0 & ControlRegisters.Cr0WriteProtect) == 0);
        if (processor.Memory.TryLocate(page, GuestMemory.PageSize, out var place))
        {
            bool global = (entry & EntryGlobal) != 0 && (c->Cr4 & ControlRegisters.Cr4PageGlobal) != 0;
            return new Translation(WalkResult.Ok, place.Value, 0, mayWrite && (entry & EntryDirty) != 0)
            {
                Global = global,
                Large = large
            };
        }

        return processor.Bus == null ? Fault(access | AccessKind.Present) : Translation.Device(page);
    }

    /// <summary>The 36 bits of address that an entry has.</summary>
    private static ulong Address(ulong entry) => entry & 0x0000_000f_ffff_f000;

    /// <summary>Where a paging entry is. Without RAM there it reads as all ones if there is a bus, as for any other access; else there is
    /// none.</summary>
    private static uint* Entry32(Processor processor, uint address) =>
        processor.Memory.TryLocate(address, sizeof(uint), out var place) ? (uint*)(processor.Memory.Base + place.Value)
            : (uint*)Floating(processor);

    private static ulong* Entry64(Processor processor, ulong address) =>
        processor.Memory.TryLocate(address, sizeof(ulong), out var place) ? (ulong*)(processor.Memory.Base + place.Value)
            : Floating(processor);

    /// <summary>Setting bits in it changes nothing.</summary>
    private static ulong* Floating(Processor processor) => processor.Bus == null ? null : (ulong*)_floating;

    private static readonly nint _floating = MakeFloating();

    private static nint MakeFloating()
    {
        ulong* entry = (ulong*)System.Runtime.InteropServices.NativeMemory.Alloc(sizeof(ulong));
        *entry = ulong.MaxValue;
        return (nint)entry;
    }
}
