// The page that makes a network of generation 1 Guests: a table of who is there, one slot of six bytes for each, which each Guest fills in
// for itself. Between Guests of one machine it was one page of memory, mapped into all. Here each Guest has its own, and this keeps them
// equal: what a Guest has written into its slot appears in everybody's page.
//
//J:Net:420 One page in many places
// A Guest writes its address into its slot with plain stores, which nobody notices. But it does so before it binds its buffers, and that is
// noticed; so at each DMA call the caller's slot is looked at, and now and then everybody's. A slot that has changed is written to all
// other Guests' pages here and told to the other nodes, which do the same. A slot belongs to one Guest, so two nodes never argue; and when
// a node is lost its Guests' slots are emptied, which the real page could not do.

using System.Buffers.Binary;
using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>One shared page on one node (ABI sheet 9.8). Not thread-safe.</summary>
public sealed class SharedPage
{
    /// <summary>Slots of a page.</summary>
    public const int Slots = GuestMemory.PageSize / SlotBytes;

    /// <summary>Bytes of a slot: a hardware address, bit 0 of its first byte meaning that its owner wants everything.</summary>
    public const int SlotBytes = 6;

    private readonly byte[] _image = new byte[GuestMemory.PageSize];
    private readonly List<(string Guest, GuestMemory Memory, SharedWindow Window, MemoryHold Hold)> _guests = [];

    /// <summary>Whether no Guest of this node has the page.</summary>
    public bool IsEmpty => _guests.Count == 0;

    /// <summary>The used slots of the Guests of this node.</summary>
    public IEnumerable<(int Slot, ulong Address)> Own =>
        _guests.Select(guest => (guest.Window.Slot, Address: Get(_image, guest.Window.Slot))).Where(slot => slot.Address != 0);

    /// <summary>Gives a Guest the page as it is. Its memory is held until it leaves.</summary>
    public void Join(string guest, GuestMemory memory, SharedWindow window)
    {
        _guests.Add((guest, memory, window, memory.Hold()));
        memory.TryWrite(window.Start, _image);
    }

    /// <summary>Empties a Guest's slot; its memory is not touched any more.</summary>
    /// <returns>Whether the slot was used.</returns>
    public bool Leave(string guest)
    {
        int at = _guests.FindIndex(entry => entry.Guest == guest);
        if (at < 0)
            return false;
        int slot = _guests[at].Window.Slot;
        _guests[at].Hold.Dispose();
        _guests.RemoveAt(at);
        return Set(slot, 0);
    }

    /// <summary>Looks for what the Guests of this node have written into their slots.</summary>
    /// <returns>Whether anything is new.</returns>
    public bool Look()
    {
        bool changed = false;
        foreach (var (_, memory, window, _) in _guests)
        {
            var own = memory.Span(window.Start + (uint)(window.Slot * SlotBytes), SlotBytes);
            if (own.SequenceEqual(_image.AsSpan(window.Slot * SlotBytes, SlotBytes)))
                continue;
            changed |= Set(window.Slot, Get(own, 0));
        }

        return changed;
    }

    /// <summary>Fills a slot whose owner is on another node, or with 0 empties it. A slot of this node's own is left alone.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Apply(int slot, ulong address) =>
        (uint)slot < Slots && !_guests.Exists(guest => guest.Window.Slot == slot) && Set(slot, address);

    private bool Set(int slot, ulong address)
    {
        if (Get(_image, slot) == address)
            return false;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, address);
        bytes = bytes[..SlotBytes];
        bytes.CopyTo(_image.AsSpan(slot * SlotBytes));
        foreach (var (_, memory, window, _) in _guests)
            if (window.Slot != slot)
                memory.TryWrite(window.Start + (uint)(slot * SlotBytes), bytes);
        return true;
    }

    private static ulong Get(ReadOnlySpan<byte> page, int slot)
    {
        var bytes = page.Slice(slot * SlotBytes, SlotBytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32);
    }
}
