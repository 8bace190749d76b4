// What the processor itself reads while a Guest runs: the real IDT, GDT and TSS. In lguest these are the two read-only pages at the top of
// the address space; here they are one native page, mapped into a window there that no instruction of the Guest reaches.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Slots;

/// <summary>The tables of one Guest in native memory.</summary>
internal sealed unsafe class HostPages : IDisposable
{
    /// <summary>Switcher area of a two-level Guest: the top 4 MiB (SWITCHER_ADDR).</summary>
    public const uint Base = 0xffc00000;

    /// <summary>Switcher area of a Guest announced as PAE: the top 2 MiB.</summary>
    public const uint BasePae = 0xffe00000;

    private const uint IdtOffset = 0;
    private const uint GdtOffset = 0x800;
    private const uint TssOffset = 0x900;
    private const uint TssLimit = 0x67;
    private const int IoMapBase = 0x66;
    private readonly NativePages _pages = new(GuestMemory.PageSize);

    public ulong* Idt => (ulong*)(_pages.Base + IdtOffset);

    public ulong* Gdt => (ulong*)(_pages.Base + GdtOffset);

    /// <summary>esp1 in the TSS: where ring 1 starts pushing when it is entered from ring 3.</summary>
    public ref uint TrapStackPointer => ref *(uint*)(_pages.Base + TssOffset + 0x0c);

    /// <summary>ss1 in the TSS.</summary>
    public ref uint TrapStackSelector => ref *(uint*)(_pages.Base + TssOffset + 0x10);

    /// <summary>Maps the tables at <paramref name="linear"/> and points the processor's table registers there.</summary>
    public void Attach(Processor processor, uint linear)
    {
        processor.MapWindow(new GuestVirtual(linear), _pages.Base, GuestMemory.PageSize);
        var c = processor.State;
        c->IdtBase = linear + IdtOffset;
        c->IdtLimit = (256 * 8) - 1;
        c->GdtBase = linear + GdtOffset;
        c->GdtLimit = (GuestSelectors.DescriptorCount * 8) - 1;
        uint tss = linear + TssOffset;
        // The I/O map begins after the limit: every port is denied.
        *(ushort*)(_pages.Base + TssOffset + IoMapBase) = (ushort)(TssLimit + 1);
        Gdt[GuestSelectors.TaskStateEntry] =
            TssLimit | ((ulong)(tss & 0xffffff) << 16) | ((ulong)(SegmentCache.Present | BusyTaskState) << 40) | ((ulong)(tss >> 24) << 56);
        c->Tr = new SegmentCache
        {
            Base = tss,
            Limit = TssLimit,
            Selector = GuestSelectors.TaskState,
            Attributes = SegmentCache.Present | BusyTaskState,
        };
    }

    public void Dispose() => _pages.Dispose();

    private const ushort BusyTaskState = 0xb;
}
