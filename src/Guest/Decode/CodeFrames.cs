// What is known of the frames that have decoded code. They are few among a Guest's: a thousand of sixty-five thousand, scattered, so an
// array over all frames would be mostly air, and to empty it would make pages of it that were never needed.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Decode;

/// <summary>A hash table in native memory, by frame; entries stay until all are forgotten.</summary>
internal sealed unsafe class CodeFrames : IDisposable
{
    private const int LeastSlots = 512;

    private NativePages _pages = new((long)LeastSlots * sizeof(Entry));
    private int _slots = LeastSlots;
    private int _used;

    /// <summary>Bytes of the table.</summary>
    public long Bytes => _pages.Length;

    /// <summary>The entry of a frame, new and empty if there is none. It stands until the next one is added.</summary>
    public Entry* Add(uint frame)
    {
        var entry = SlotOf(frame);
        if (entry->IsUsed)
            return entry;
        if (2 * _used >= _slots)
        {
            Grow();
            entry = SlotOf(frame);
        }

        _used++;
        entry->IsUsed = true;
        entry->Frame = frame;
        return entry;
    }

    /// <summary>Forgets all of them, and takes back what <see cref="GuestMemory.CodeFlags"/> says of them.</summary>
    public void Clear(GuestMemory memory)
    {
        for (int i = 0; i < _slots; i++)
        {
            if (At(i)->IsUsed)
                memory.CodeFlags[At(i)->Frame] = 0;
        }

        new Span<Entry>(At(0), _slots).Clear();
        _used = 0;
    }

    public void Dispose() => _pages.Dispose();

    private Entry* At(int slot) => (Entry*)_pages.Base + slot;

    /// <summary>Where a frame is, or else the free place where it belongs: one slot in two at least is free.</summary>
    private Entry* SlotOf(uint frame)
    {
        int slot = (int)((frame * 0x9e3779b1u) >> 7) & (_slots - 1);
        while (At(slot)->IsUsed && At(slot)->Frame != frame)
            slot = (slot + 1) & (_slots - 1);
        return At(slot);
    }

    private void Grow()
    {
        using var old = _pages;
        int count = _slots;
        _slots *= 2;
        _pages = new NativePages((long)_slots * sizeof(Entry));
        for (var entry = (Entry*)old.Base; entry < (Entry*)old.Base + count; entry++)
        {
            if (entry->IsUsed)
                *SlotOf(entry->Frame) = *entry;
        }
    }

    /// <summary>One frame.</summary>
    public struct Entry
    {
        /// <summary>The blocks that begin in the frame, by <see cref="Block.NextInFrame"/>.</summary>
        public Block* First;

        /// <summary>A bit for each 64 bytes of the frame of which some are in a block.</summary>
        public ulong Granules;

        public uint Frame;

        public bool IsUsed;
    }
}
