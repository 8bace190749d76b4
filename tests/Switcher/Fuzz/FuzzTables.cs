// Page tables of either format that map the program to itself and a window after it, and random entries for that window: most of them such
// as a kernel might write, some malformed.
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Tests.Fuzz;

internal sealed class FuzzTables
{
    public const uint Root = 0x390000;
    public const uint Window = 0x40000000;
    private const uint FirstDirectory = 0x391000;
    private const uint WindowTable = 0x392000;
    private const uint WindowDirectory = 0x395000;
    private const uint Frames = 0x800;
    private readonly bool _pae;

    private FuzzTables(bool pae) => _pae = pae;

    /// <summary>Writes tables that map four megabytes to themselves, and an empty window.</summary>
    public static FuzzTables Write(GuestMemory memory, bool pae)
    {
        if (pae)
        {
            Entry(memory, Root, 0, FirstDirectory | 1);
            Entry(memory, Root, 1, WindowDirectory | 1);
            for (uint table = 0; table < 2; table++)
            {
                Entry(memory, FirstDirectory, table, (0x393000 + (table << 12)) | 7);
                for (uint page = 0; page < 512; page++)
                    Entry(memory, 0x393000 + (table << 12), page, (((table << 9) + page) << 12) | 7);
            }

            Entry(memory, WindowDirectory, 0, WindowTable | 7);
        }
        else
        {
            memory.TryWrite(new GuestPhysical(Root), FirstDirectory | 7);
            for (uint page = 0; page < 1024; page++)
                memory.TryWrite(new GuestPhysical(FirstDirectory + (page * 4)), (page << 12) | 7);
            memory.TryWrite(new GuestPhysical(Root + ((Window >> 22) * 4)), WindowTable | 7);
        }

        return new FuzzTables(pae);
    }

    /// <summary>A place in the window's tables, and what to write there.</summary>
    public (uint Where, ulong Entry) Entry(Random random)
    {
        bool directory = random.Next(8) == 0;
        ulong entry = ((ulong)random.Next((int)Frames) << 12) | (uint)(directory ? random.Next(0x80) & 0x67 : random.Next(0x1000) & ~0x80);
        if (random.Next(4) != 0)
            entry |= 1;
        if (_pae && random.Next(4) == 0)
            entry |= 1UL << 63;
        if (random.Next(60) == 0)
            entry = (ulong)random.NextInt64();
        uint where = (directory, _pae) switch
        {
            (true, true) => WindowDirectory + ((uint)random.Next(4) * 8),
            (true, false) => Root + ((0x100 + (uint)random.Next(4)) * 4),
            (false, true) => WindowTable + ((uint)random.Next(512) * 8),
            (false, false) => WindowTable + ((uint)random.Next(1024) * 4),
        };
        return (where, entry);
    }

    private static void Entry(GuestMemory memory, uint table, uint index, ulong value) =>
        memory.TryWrite(new GuestPhysical(table + (index * sizeof(ulong))), value);
}
