// Page tables as a Guest kernel would write them: plain memory, entries with physical frames.
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Tests.Machine;

/// <summary>A two-level tree whose pages are taken upwards from its root.</summary>
internal sealed class TwoLevelTables(GuestMemory memory, uint root)
{
    private uint _next = root + 4096;

    public uint Root => root;

    /// <summary>Maps megabytes [from, to) to themselves at an offset, present, writable, user.</summary>
    public TwoLevelTables MapIdentity(uint from, uint to, uint offset = 0, uint flags = 7)
    {
        for (uint page = from * 256; page < to * 256; page++)
            Map(offset + (page << 12), page << 12, flags);
        return this;
    }

    public TwoLevelTables Map(uint linear, uint physical, uint flags)
    {
        uint directory = root + ((linear >> 22) * 4);
        memory.TryRead(new GuestPhysical(directory), out uint upper);
        if (upper == 0)
        {
            upper = _next | 7;
            _next += 4096;
            memory.TryWrite(new GuestPhysical(directory), upper).ShouldBeTrue();
        }

        memory.TryWrite(new GuestPhysical(EntryOf(linear)), physical | flags).ShouldBeTrue();
        return this;
    }

    /// <summary>Physical address of the entry for a mapped linear address.</summary>
    public uint EntryOf(uint linear)
    {
        memory.TryRead(new GuestPhysical(root + ((linear >> 22) * 4)), out uint upper).ShouldBeTrue();
        return (upper & ~0xfffu) + (((linear >> 12) & 0x3ff) * 4);
    }

    public uint Entry(uint linear) => memory.TryRead(new GuestPhysical(EntryOf(linear)), out uint entry) ? entry : 0;
}
