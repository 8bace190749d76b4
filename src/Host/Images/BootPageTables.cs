// Kernels before 3.x run on page tables from their first instruction, and before they can make any themselves. These are built for them inside
// their own RAM, below the initrd: every page of RAM at its physical address and, for all that the older ones care, a second time where the
// kernel will live (ABI sheet 1.6).

using Lguest.Guest.Memory;

namespace Lguest.Host.Images;

/// <summary>Two-level page tables over a Guest's RAM.</summary>
internal static class BootPageTables
{
    private const uint PresentWritableUser = 7;
    private const uint EntriesPerPage = 1024;
    private const uint BytesPerTable = EntriesPerPage * GuestMemory.PageSize;
    private const uint KernelHalf = 0xC0000000; // PAGE_OFFSET

    /// <summary>Pages that the tables over <paramref name="ramBytes"/> take: one per 4 MiB, and the directory.</summary>
    public static uint Pages(uint ramBytes) => Tables(ramBytes) + 1;

    /// <summary>Writes the tables so that they end at <paramref name="end"/>.</summary>
    /// <param name="memory">The Guest's memory, with RAM in its first <c>RamBytes</c>.</param>
    /// <param name="end">Page-aligned; the directory is the last page below.</param>
    /// <param name="withKernelHalf">Whether RAM also appears from 0xC0000000 on, as far as it fits below 4 GiB.</param>
    /// <returns>The directory.</returns>
    public static GuestPhysical Write(GuestMemory memory, uint end, bool withKernelHalf)
    {
        var directory = new GuestPhysical(end - GuestMemory.PageSize);
        var tables = Tables(memory.RamBytes);
        var first = directory.Value - (tables * GuestMemory.PageSize);
        for (uint page = 0; page < memory.RamBytes / GuestMemory.PageSize; page++)
            memory.TryWrite(new GuestPhysical(first + (page * 4)), (page * GuestMemory.PageSize) | PresentWritableUser);
        for (uint table = 0; table < tables; table++)
        {
            var entry = (first + (table * GuestMemory.PageSize)) | PresentWritableUser;
            memory.TryWrite(directory + (table * 4), entry);
            var high = (KernelHalf / BytesPerTable) + table;
            if (withKernelHalf && high < EntriesPerPage)
                memory.TryWrite(directory + (high * 4), entry);
        }

        return directory;
    }

    private static uint Tables(uint ramBytes) => (uint)(((ulong)ramBytes + BytesPerTable - 1) / BytesPerTable);
}
