// What the processor has cached of page tables, and the ways to forget it: all of it, the part below the kernel, one page, or only the
// right to write where code was decoded. Filling is in Processor.Memory.cs.
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private static readonly TlbEntry[] _emptyTlb = EmptyEntries();

    private readonly TlbFills _fills = new();

    /// <summary>Forgets all cached translations.</summary>
    public void FlushTlb()
    {
        if (_fills.IsTooLong)
            EmptyTlb();
        else
            _fills.EmptyBelow(uint.MaxValue);
        CheckCode(uint.MaxValue);
    }

    private static TlbEntry[] EmptyEntries()
    {
        var entries = new TlbEntry[TlbEntry.Count];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = new TlbEntry { ReadTag = TlbEntry.EmptyAt(i), WriteTag = TlbEntry.EmptyAt(i) };
        return entries;
    }

    /// <summary>Empties every entry, whatever is in it.</summary>
    private void EmptyTlb()
    {
        _emptyTlb.CopyTo(_c->SupervisorTlb);
        _emptyTlb.CopyTo(_c->UserTlb);
        _fills.Reset();
    }

    /// <summary>Forgets cached translations of linear addresses below <paramref name="end"/>.</summary>
    public void FlushTlbBelow(GuestVirtual end)
    {
        if (_fills.IsTooLong)
        {
            _fills.Reset();
            AddAll((TlbEntry*)&_c->SupervisorTlb);
            AddAll((TlbEntry*)&_c->UserTlb);
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

    /// <summary>Forgets the cached translation of one page.</summary>
    public void FlushTlbPage(GuestVirtual address)
    {
        int index = (int)((address.Value >> 12) & (TlbEntry.Count - 1));
        Clear(ref _c->SupervisorTlb[index], index, address.Value & PageMask);
        Clear(ref _c->UserTlb[index], index, address.Value & PageMask);
        CheckCodePage(address.Value);

        static void Clear(ref TlbEntry entry, int index, uint page)
        {
            if (entry.ReadTag == page)
                entry.ReadTag = TlbEntry.EmptyAt(index);
            if (entry.WriteTag == page)
                entry.WriteTag = TlbEntry.EmptyAt(index);
        }
    }

    /// <summary>Drops the right to write a physical page without a walk, because code in it has been decoded.</summary>
    internal void ProtectCode(uint frame)
    {
        byte* host = Memory.Base + ((nint)frame << GuestMemory.PageShift);
        Protect(_c->SupervisorTlb, host);
        Protect(_c->UserTlb, host);

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
