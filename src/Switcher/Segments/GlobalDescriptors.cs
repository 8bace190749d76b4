// The Guest's GDT is a real GDT, kept by the Host. The Guest sends descriptors; the Host makes them harmless and puts them in.
//
//J:Switcher:400 Descriptors
// Three things are done to a descriptor that a Guest sends. Privilege 0 becomes privilege 1, so that the Guest kernel can use what it meant
// for ring 0. The accessed bit is set, because on real hardware the processor would want to set it in a page that it cannot write. And, a
// precaution of ours, a system descriptor is stored as not present: Linux's own (TSS, LDT) are ignored or never loaded, while a gate or a
// TSS of the Guest's making would be a door past every check in this file. Four entries are the Host's and writes to them vanish: its code
// and data, the TSS, and the double fault's TSS.
//
// A processor copies a descriptor when a segment register is loaded and never looks again. lguest's Guests nevertheless see changes at
// once, because each switch into the Guest loads the registers afresh, and a Guest that removes a descriptor in use does not survive it. So
// we load the registers afresh whenever the table has changed, and only then.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Segments;

/// <summary>GDT rules of the sheet's section 6 on the table in <see cref="HostPages"/>.</summary>
internal sealed unsafe class GlobalDescriptors
{
    private readonly GuestSlot _slot;
    private readonly ulong* _table;

    public GlobalDescriptors(GuestSlot slot, HostPages pages)
    {
        _slot = slot;
        _table = pages.Gdt;
        _table[GuestSelectors.SwitcherCodeEntry] = 0x00cf9b00_0000ffff;
        _table[GuestSelectors.SwitcherDataEntry] = 0x00cf9300_0000ffff;
        _table[GuestSelectors.KernelCodeEntry] = GuestSelectors.KernelCodeDescriptor;
        _table[GuestSelectors.KernelDataEntry] = GuestSelectors.KernelDataDescriptor;
    }

    /// <summary>The table as it is, for tests and dumps.</summary>
    public ulong this[int index] => _table[index];

    /// <summary>LOAD_GDT: replaces the first <paramref name="count"/> descriptors by those at a physical address.</summary>
    public void Load(GuestPhysical table, uint count)
    {
        if (count > GuestSelectors.DescriptorCount)
        {
            _slot.Kill(KillReason.TooManyGdtEntries, $"too many gdt entries {count}");
            return;
        }

        Replace(0, table, (int)count);
    }

    /// <summary>LOAD_GDT_ENTRY.</summary>
    public void LoadEntry(uint index, uint low, uint high)
    {
        if (index >= GuestSelectors.DescriptorCount)
        {
            _slot.Kill(KillReason.BadGdtEntry, $"bad gdt entry {index}");
            return;
        }

        Put((int)index, low | ((ulong)high << 32));
        Reload();
    }

    /// <summary>LOAD_TLS: entries 6 to 8 from a physical address.</summary>
    public void LoadTls(GuestPhysical table) => Replace(GuestSelectors.TlsEntry, table, GuestSelectors.TlsCount);

    /// <summary>What a segment register would hold after loading a code selector for ring 1; false if the load would fault.</summary>
    public bool TryCode(ushort selector, out SegmentCache code)
    {
        code = Unpack(selector);
        return (code.Attributes & (SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Code)) ==
            (SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Code) && code.Dpl == (selector & 3);
    }

    /// <summary>What SS would hold after loading a selector for the ring in its RPL; false if the load would fault.</summary>
    public bool TryStack(ushort selector, out SegmentCache stack)
    {
        const ushort Kind = SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Code | SegmentCache.Writable;
        stack = Unpack(selector);
        return (stack.Attributes & Kind) == (SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Writable)
            && stack.Dpl == (selector & 3);
    }

    private void Replace(int first, GuestPhysical table, int count)
    {
        Span<ulong> descriptors = stackalloc ulong[GuestSelectors.DescriptorCount];
        descriptors = descriptors[..count];
        if (!_slot.Memory.TryRead(table, System.Runtime.InteropServices.MemoryMarshal.AsBytes(descriptors)))
        {
            _slot.Kill(KillReason.BadReadAddress, $"bad read address 0x{table.Value:x} len {count * 8}");
            return;
        }

        for (int i = 0; i < count; i++)
            Put(first + i, descriptors[i]);
        Reload();
    }

    private void Put(int index, ulong raw)
    {
        if (index is GuestSelectors.SwitcherCodeEntry or GuestSelectors.SwitcherDataEntry or GuestSelectors.TaskStateEntry
            or GuestSelectors.DoubleFaultEntry)
            return;
        if (Descriptor.Dpl(raw) == 0)
            raw |= (ulong)GuestSelectors.KernelPrivilege << Descriptor.DplShift;
        if ((raw & Descriptor.NotSystem) == 0)
            raw &= ~Descriptor.Present;
        _table[index] = raw | Descriptor.Accessed;
    }

    private SegmentCache Unpack(ushort selector)
    {
        // A null selector and the local table, which no Guest has, give an unusable segment.
        bool usable = (selector & ~3) != 0 && (selector & 4) == 0 && selector >> 3 < GuestSelectors.DescriptorCount;
        return Descriptor.Unpack(usable ? _table[selector >> 3] : 0, selector);
    }

    /// <summary>What the way into a Guest does: CS and SS by IRET, the data segments by plain loads.</summary>
    private void Reload()
    {
        _slot.Processor.ForgetDescriptors();
        var c = _slot.Processor.State;
        bool good = TryCode(c->Cs.Selector, out var code) & TryStack(c->Ss.Selector, out var stack);
        good &= ReloadData(&c->Ds) & ReloadData(&c->Es) & ReloadData(&c->Fs) & ReloadData(&c->Gs);
        if (!good)
        {
            _slot.KillUnhandled(GuestVectors.SegmentReload, 0);
            return;
        }

        c->Cs = code;
        c->Ss = stack;
        _slot.Processor.RefreshMode();
    }

    private bool ReloadData(SegmentCache* segment)
    {
        ushort selector = segment->Selector;
        var fresh = Unpack(selector);
        if ((selector & ~3) != 0)
        {
            const ushort Kind = SegmentCache.Present | SegmentCache.NotSystem;
            bool readable = (fresh.Attributes & SegmentCache.Code) == 0 || (fresh.Attributes & SegmentCache.ReadableCode) != 0;
            if ((fresh.Attributes & Kind) != Kind || !readable || fresh.Dpl < (selector & 3))
                return false;
        }

        *segment = fresh;
        return true;
    }
}
