// lguest_data through the Host's eyes: the Guest's page, read and written in place. The interrupt flag in it changes with plain stores of
// the Guest, so it is read afresh each time it matters.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Slots;

/// <summary>One Guest's lguest_data. Its range has been checked once, at LGUEST_INIT; memory never shrinks afterwards.</summary>
internal sealed unsafe class SharedData(GuestMemory memory, GuestPhysical address, LguestDataLayout layout)
{
    private readonly byte* _base = memory.Base + address.Value;

    public LguestDataLayout Layout => layout;

    public GuestPhysical Address => address;

    public uint IrqEnabled => *(uint*)(_base + layout.IrqEnabled);

    public uint Blocked => *(uint*)(_base + layout.BlockedInterrupts);

    public byte Status(int slot) => _base[layout.HcallStatus + slot];

    public uint Read(int offset) => *(uint*)(_base + offset);

    /// <summary>Word <paramref name="offset"/> of ring entry <paramref name="slot"/>.</summary>
    public uint Entry(int slot, int offset) => *(uint*)(_base + layout.Hcalls + (slot * layout.EntrySize) + offset);

    public void Write(int offset, uint value)
    {
        *(uint*)(_base + offset) = value;
        memory.WrittenByOwner(address + (uint)offset, sizeof(uint));
    }

    public void FreeSlot(int slot)
    {
        _base[layout.HcallStatus + slot] = LguestDataLayout.SlotFree;
        memory.WrittenByOwner(address + (uint)(layout.HcallStatus + slot), 1);
    }

    public void WriteTime((uint Seconds, uint Nanoseconds) time)
    {
        Write(layout.Time, time.Seconds);
        Write(layout.Time + 4, time.Nanoseconds);
    }
}
