// What a window was mapped by: copies of the Guest's page tables. Most flushes of the TLB change nothing in most tables, and to compare
// 4096 bytes takes less time than to look up one page; so after a flush only those pages are looked up whose entries differ.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Windows;

/// <summary>The tables behind the mapped pages of one address space.</summary>
/// <param name="user">Whether the pages are ring 3's.</param>
internal sealed unsafe class TableCopies(bool user)
{
    private const ulong Mixed = ulong.MaxValue;

    private readonly Dictionary<uint, Copy> _copies = [];

    /// <summary>Whether some of the pages are parts of large ones.</summary>
    public bool HasLarge { get; private set; }

    /// <summary>Pages are about to be mapped by their entries as they are now.</summary>
    public void Add(Processor processor, uint linear, int count)
    {
        int shift = QuietTables.TableShift(processor.State);
        for (int i = 0; i < count; i++, linear += GuestMemory.PageSize)
        {
            ulong upper = QuietTables.Upper(processor, linear, user, out byte* table);
            HasLarge |= table == null;
            if (!_copies.TryGetValue(linear >> shift, out var copy))
                _copies.Add(linear >> shift, copy = new Copy { Upper = upper, Bytes = TableOf(table).ToArray() });
            else if (copy.Upper != upper)
                copy.Upper = Mixed; // others still rest on what was there before
            else if (table != null)
                CopyEntry(copy.Bytes, table, linear, shift);
        }
    }

    /// <summary>Brings the copies up to date.</summary>
    /// <param name="processor">Whose tables.</param>
    /// <param name="window">Where the pages are mapped.</param>
    /// <param name="changed">Gets the addresses of mapped pages that have to be looked up again, ascending within a table.</param>
    public void FindChanges(Processor processor, Window window, List<uint> changed)
    {
        int shift = QuietTables.TableShift(processor.State);
        uint pages = 1u << (shift - GuestMemory.PageShift);
        foreach (var (part, copy) in _copies)
        {
            uint start = part << shift;
            ulong upper = QuietTables.Upper(processor, start, user, out byte* table);
            var now = TableOf(table);
            if (upper == copy.Upper && now.SequenceEqual(copy.Bytes))
                continue;
            int size = GuestMemory.PageSize / (int)pages;
            for (int i = 0; i < pages; i++)
            {
                uint linear = start + ((uint)i << GuestMemory.PageShift);
                if (window[linear].IsMapped
                    && (upper != copy.Upper || !now.Slice(i * size, size).SequenceEqual(copy.Bytes.AsSpan(i * size, size))))
                    changed.Add(linear);
            }

            copy.Upper = upper;
            if (copy.Bytes.Length == now.Length)
                now.CopyTo(copy.Bytes);
            else
                copy.Bytes = now.ToArray();
        }
    }

    public void Clear()
    {
        _copies.Clear();
        HasLarge = false;
    }

    private static ReadOnlySpan<byte> TableOf(byte* table) => table == null ? [] : new(table, GuestMemory.PageSize);

    private static void CopyEntry(byte[] bytes, byte* table, uint linear, int shift)
    {
        int count = 1 << (shift - GuestMemory.PageShift);
        int size = GuestMemory.PageSize / count;
        int at = ((int)(linear >> GuestMemory.PageShift) & (count - 1)) * size;
        new ReadOnlySpan<byte>(table + at, size).CopyTo(bytes.AsSpan(at));
    }

    private sealed class Copy
    {
        /// <summary>The entry above; <see cref="Mixed"/> if it was not the same for all pages.</summary>
        public ulong Upper;

        public byte[] Bytes = [];
    }
}
