// What the processor has cached of page tables, and the ways to forget it: all of it, the part below the kernel, one page, or only the
// right to write where code was decoded. Filling is in Processor.Memory.cs.
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private static readonly TlbEntry[] _emptyTlb = EmptyEntries();

    private readonly TlbFills _fills = new();

    /// <summary>For each entry of the supervisor's array and then of the user's, whether it was filled with a page that is not
    /// global.</summary>
    private readonly ulong[] _local = new ulong[2 * TlbEntry.Count / 64];

    /// <summary>For each 4 MiB of linear addresses, whether data in a large page was looked up there since the last flush.</summary>
    private readonly ulong[] _large = new ulong[LargeRegions / 64];

    /// <summary>The same for code; as long as there are epochs, which outlive a flush.</summary>
    private readonly ulong[] _largeCode = new ulong[LargeRegions / 64];

    private const int LargeRegions = 1024;
    private const int LargeShift = 22;

    private bool _hasLocalCode;

    /// <summary>Forgets all cached translations.</summary>
    public void FlushTlb()
    {
        if (_fills.IsTooLong)
            EmptyTlb();
        else
            _fills.EmptyBelow(uint.MaxValue);
        Array.Clear(_large);
        CheckCode(uint.MaxValue);
    }

    private static TlbEntry[] EmptyEntries()
    {
        var entries = new TlbEntry[TlbEntry.Count];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = new TlbEntry { ReadTag = TlbEntry.EmptyAt(i), WriteTag = TlbEntry.EmptyAt(i) };
        return entries;
    }

    //J:Guest:210 Global pages
    // A load of CR3 forgets the programs' pages and leaves the kernel's, which are global: the same in every address space. The soft TLB
    // does that entry by entry. A kernel whose code is all global goes from one address space to the next without a look at it.
    /// <summary>Forgets cached translations but those of global pages: a load of CR3.</summary>
    internal void FlushTlbLocal()
    {
        if ((_c->Cr4 & ControlRegisters.Cr4PageGlobal) == 0)
        {
            FlushTlb();
            return;
        }

        for (int word = 0; word < _local.Length; word++)
        {
            var entries = (TlbEntry*)(word < TlbEntry.Count / 64 ? &_e->SupervisorTlb : (void*)&_e->UserTlb)
                + ((word * 64) & (TlbEntry.Count - 1));
            for (ulong left = _local[word]; left != 0; left &= left - 1)
                entries[System.Numerics.BitOperations.TrailingZeroCount(left)].Clear();
            _local[word] = 0;
        }

        CheckCode(_hasLocalCode ? uint.MaxValue : 0);
        if (!_hasLocalCode)
            Kernel?.Changed(uint.MaxValue);
    }

    private void NoteFill(TlbEntry* entry, Translation walk, uint linear)
    {
        int index = (int)(entry - _e->Tlb) + ((_e->Mode & ModeBits.User) != 0 ? TlbEntry.Count : 0);
        if (walk.Global)
            _local[index >> 6] &= ~(1UL << (index & 63));
        else
            _local[index >> 6] |= 1UL << (index & 63);
        if (walk.Large)
            NoteLarge(_large, linear);
    }

    private void NoteFetch(Translation walk, uint linear)
    {
        if (!walk.Global && _c->Cpl != 3)
            _hasLocalCode = true;
        if (walk.Large)
            NoteLarge(_largeCode, linear);
    }

    private static void NoteLarge(ulong[] regions, uint linear) =>
        regions[linear >> LargeShift >> 6] |= 1UL << (int)((linear >> LargeShift) & 63);

    /// <summary>Empties every entry, whatever is in it.</summary>
    private void EmptyTlb()
    {
        _emptyTlb.CopyTo(_e->SupervisorTlb);
        _emptyTlb.CopyTo(_e->UserTlb);
        _fills.Reset();
    }

    /// <summary>Forgets cached translations of linear addresses below <paramref name="end"/>.</summary>
    public void FlushTlbBelow(GuestVirtual end)
    {
        if (_fills.IsTooLong)
        {
            _fills.Reset();
            AddAll((TlbEntry*)&_e->SupervisorTlb);
            AddAll((TlbEntry*)&_e->UserTlb);
        }

        if (_fills.IsTooLong)
            EmptyTlb();
        else
            _fills.EmptyBelow(end.Value);
        CheckCode(end.Value);

        void AddAll(TlbEntry* entries)
        {
            for (var entry = entries; entry < entries + TlbEntry.Count; entry++)
            {
                if (entry->ReadTag < end.Value)
                    entry->Clear();
                else if (!entry->IsEmpty)
                    _fills.Add(entry);
            }
        }
    }

    /// <summary>Forgets the cached translation of one page; of a large page all of it.</summary>
    public void FlushTlbPage(GuestVirtual address)
    {
        uint region = address.Value >> LargeShift;
        if (((_large[region >> 6] | _largeCode[region >> 6]) & (1UL << (int)(region & 63))) != 0)
        {
            _large[region >> 6] &= ~(1UL << (int)(region & 63));
            ForgetRegion(_e->SupervisorTlb, region);
            ForgetRegion(_e->UserTlb, region);
            CheckCode(uint.MaxValue);
            return;
        }

        int index = (int)((address.Value >> 12) & (TlbEntry.Count - 1));
        Clear(ref _e->SupervisorTlb[index], index, address.Value & PageMask);
        Clear(ref _e->UserTlb[index], index, address.Value & PageMask);
        CheckCodePage(address.Value);

        static void Clear(ref TlbEntry entry, int index, uint page)
        {
            if (entry.ReadTag == page)
                entry.ReadTag = TlbEntry.EmptyAt(index);
            if (entry.WriteTag == page)
                entry.WriteTag = TlbEntry.EmptyAt(index);
        }

        static void ForgetRegion(Span<TlbEntry> entries, uint region)
        {
            foreach (ref var entry in entries)
            {
                if (entry.ReadTag >> LargeShift == region)
                    entry.Clear();
            }
        }
    }

    /// <summary>Drops the right to write a physical page without a walk, because code in it has been decoded.</summary>
    internal void ProtectCode(uint frame)
    {
        byte* host = Memory.Base + ((nint)frame << GuestMemory.PageShift);
        Protect(_e->SupervisorTlb, host);
        Protect(_e->UserTlb, host);
        Windows?.Protect(frame);
        Kernel?.Protect(frame);

        static void Protect(Span<TlbEntry> entries, byte* host)
        {
            for (int i = 0; i < entries.Length; i++)
            {
                ref var entry = ref entries[i];
                if ((entry.WriteTag & TlbEntry.EmptyBit) == 0 && (byte*)(entry.Addend + (nint)entry.WriteTag) == host)
                    entry.WriteTag = TlbEntry.EmptyAt(i);
            }
        }
    }
}
