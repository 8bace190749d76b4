// What ring 3, or the kernel, may do with a page, read from the Guest's tables without a trace and without asking anybody. Only what is
// quite usual counts: a page that has been accessed already, by entries without flags that a machine could object to, and for the kernel
// one that is its own. For all others the answer is no, and a walk finds out what happens.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Mmu;

/// <summary>The tables of the current address space, as a data access would find them.</summary>
internal static unsafe class QuietTables
{
    private const uint Present = 1;
    private const uint Writable = 2;
    private const uint User = 4;
    private const uint Accessed = 0x20;
    private const uint Dirty = 0x40;
    private const uint Large = 0x80;
    private const uint Needed = Present | Accessed;
    private const uint Usual = Needed | User | Writable | Dirty;
    private const uint Flags = 0xfff;
    private const ulong NoPaging = 1UL << 62;

    /// <summary>How far an address is shifted to number the parts that one table covers.</summary>
    public static int TableShift(CpuState* c) => IsPae(c) ? 21 : 22;

    /// <summary>Bits of the state by which the same tables mean something else.</summary>
    public static uint Format(CpuState* c) => (c->Cr0 & ControlRegisters.Cr0Paging)
        | (c->Cr4 & (ControlRegisters.Cr4PhysicalAddressExtension | ControlRegisters.Cr4PageSizeExtension));

    /// <summary>The entry above the one of a page, and the table to which it points; 0 if nothing usual is there.</summary>
    /// <param name="processor">Whose.</param>
    /// <param name="linear">In the page.</param>
    /// <param name="user">Whether ring 3 asks.</param>
    /// <param name="table">4096 bytes; null if the entry stands for the pages themselves.</param>
    public static ulong Upper(Processor processor, uint linear, bool user, out byte* table)
    {
        var c = processor.State;
        table = null;
        if ((c->Cr0 & ControlRegisters.Cr0Paging) == 0)
            return NoPaging;
        ulong entry = IsPae(c) ? UpperPae(processor, linear) : UpperTwoLevel(processor, linear);
        uint needed = Needed | (user ? User : 0);
        if ((entry & needed) != needed)
            return 0;
        if ((entry & Large) != 0)
            return IsPae(c) || (c->Cr4 & ControlRegisters.Cr4PageSizeExtension) != 0 ? entry : 0;
        if ((entry & Flags & ~Usual) != 0)
            return 0;
        table = Page(processor, entry);
        return table == null ? 0 : entry;
    }

    /// <summary>The frame of a page, and whether a write would change nothing but the page. Null if an access has anything else to
    /// do.</summary>
    /// <param name="processor">Whose.</param>
    /// <param name="linear">In the page.</param>
    /// <param name="user">Whether ring 3 asks; else it is the kernel, for a page that ring 3 does not reach.</param>
    public static (uint Frame, bool Writable)? Peek(Processor processor, uint linear, bool user)
    {
        var c = processor.State;
        ulong upper = Upper(processor, linear, user, out byte* table);
        if (upper == 0)
            return null;
        if (upper == NoPaging)
            return Inside(processor, linear >> GuestMemory.PageShift, true);
        bool pae = IsPae(c);
        if (table == null)
        {
            if (!user && (upper & User) != 0)
                return null;
            uint inside = (linear >> GuestMemory.PageShift) & (pae ? 0x1ffu : 0x3ffu);
            return Inside(processor, (upper & 0xf_ffff_f000) >> GuestMemory.PageShift & ~(pae ? 0x1fful : 0x3fful) | inside,
                (upper & (Writable | Dirty)) == (Writable | Dirty));
        }

        uint at = linear >> GuestMemory.PageShift;
        ulong entry = pae ? ((ulong*)table)[at & 0x1ff] : ((uint*)table)[at & 0x3ff];
        uint needed = Needed | (user ? User : 0);
        if ((entry & (needed | Large)) != needed || (!user && (upper & entry & User) != 0))
            return null;
        return Inside(processor, (entry & 0xf_ffff_f000) >> GuestMemory.PageShift,
            (entry & Dirty) != 0 && (upper & entry & Writable) != 0);
    }

    private static bool IsPae(CpuState* c) => (c->Cr4 & ControlRegisters.Cr4PhysicalAddressExtension) != 0;

    private static (uint Frame, bool Writable)? Inside(Processor processor, ulong frame, bool writable) =>
        processor.Memory.TryLocate(frame << GuestMemory.PageShift, GuestMemory.PageSize, out var place) ? (place.Frame, writable) : null;

    private static byte* Page(Processor processor, ulong entry) =>
        processor.Memory.TryLocate(entry & 0xf_ffff_f000, GuestMemory.PageSize, out var place) ? processor.Memory.Base + place.Value : null;

    private static ulong UpperTwoLevel(Processor processor, uint linear)
    {
        byte* directory = Page(processor, processor.State->Cr3);
        return directory == null ? 0 : ((uint*)directory)[linear >> 22];
    }

    private static ulong UpperPae(Processor processor, uint linear)
    {
        uint at = (processor.State->Cr3 & ~0x1fu) + ((linear >> 30) << 3);
        if (!processor.Memory.TryLocate(at, sizeof(ulong), out var place))
            return 0;
        ulong pointer = *(ulong*)(processor.Memory.Base + place.Value);
        byte* directory = (pointer & Flags) == Present ? Page(processor, pointer) : null;
        return directory == null ? 0 : ((ulong*)directory)[(linear >> 21) & 0x1ff];
    }
}
