// Makes the page tables of a generation 1 kernel, which starts with paging on, at its own linear addresses. From 2.6.24 on the Host makes
// them when the Guest initialises lguest; before that the Launcher must.

using System.Buffers.Binary;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>Page tables of a generation 1 Guest (ABI sheet 1.6): all RAM at PAGE_OFFSET and nothing else, in 4 KiB pages.</summary>
internal static class FirstPageTables
{
    private const uint Flags = 7; // present, writable, user
    private const int Entries = 1024;
    private const int DirectoryShift = 22;
    private const uint FirstReserved = 0xffc00000; // the Switcher's 4 MiB

    /// <summary>Pages that the tables take: the directory and a table for each 4 MiB.</summary>
    public static uint Pages(uint ramBytes, GuestVirtual pageOffset) => 1 + ((Mapped(ramBytes, pageOffset) + Entries - 1) / Entries);

    /// <summary>Writes the tables: the directory in the last page below <paramref name="top"/>, the others right below it.</summary>
    /// <param name="memory">Fresh memory.</param>
    /// <param name="top">End of the room for them, page aligned.</param>
    /// <param name="pageOffset">Where physical address 0 is to appear, a multiple of 4 MiB.</param>
    /// <returns>The directory.</returns>
    public static GuestPhysical Write(GuestMemory memory, uint top, GuestVirtual pageOffset)
    {
        uint mapped = Mapped(memory.RamBytes, pageOffset);
        var root = new GuestPhysical(top - GuestMemory.PageSize);
        uint tables = Pages(memory.RamBytes, pageOffset) - 1;
        var first = new GuestPhysical(root.Value - (tables * GuestMemory.PageSize));
        var entries = memory.Span(first, mapped * sizeof(uint));
        for (uint frame = 0; frame < mapped; frame++)
            BinaryPrimitives.WriteUInt32LittleEndian(entries[(int)(frame * sizeof(uint))..], (frame << GuestMemory.PageShift) | Flags);
        for (uint table = 0; table < tables; table++)
            memory.TryWrite(root + (((pageOffset.Value >> DirectoryShift) + table) * sizeof(uint)),
                (first.Value + (table * GuestMemory.PageSize)) | Flags);
        return root;
    }

    private static uint Mapped(uint ramBytes, GuestVirtual pageOffset) =>
        Math.Min(ramBytes, FirstReserved - Math.Min(FirstReserved, pageOffset.Value)) >> GuestMemory.PageShift;
}
