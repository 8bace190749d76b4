// Kernels of 2.6.24 to 2.6.35 expect to start with page tables that somebody else has made: first the Launcher did it, then the Host. Here
// it is always the Host, at LGUEST_INIT, when it first knows what kind of kernel it has; until then linear addresses are physical ones,
// which is what those tables say as well.
//
//                 root = top of RAM below the initrd, less a page
//     directory   [0 .. n)                       -> tables, just below the root: identity
//                 [PAGE_OFFSET/4M .. +n)         -> the same tables: the kernel's own addresses
//
// With much RAM the two would meet. A kernel lives at its own addresses, so identity ends where they begin.
//
// 2.6.24 to 2.6.28 copy the lower part over the upper by themselves; finding it there already does not disturb them.
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Paging;

/// <summary>Makes the initial page tables (ABI sheet 1.6).</summary>
internal static class BootTables
{
    private const uint Flags = 7;
    private const uint PointerFlags = 1;
    private const int EntriesPerTable = 1024;
    private const int EntriesPerTablePae = 512;
    private const int DirectoryShift = 22;
    private const int DirectoryShiftPae = 21;
    private const int PointerShift = 30;

    /// <param name="memory">The Guest's memory.</param>
    /// <param name="initrdBytes">Room taken by the initial RAM disk at the top of RAM.</param>
    /// <param name="kernelAddress">PAGE_OFFSET.</param>
    /// <param name="switcherBase">First linear address that stays unmapped.</param>
    /// <param name="pae">The format.</param>
    /// <returns>The root; null if there is no room.</returns>
    public static GuestPhysical? Make(GuestMemory memory, uint initrdBytes, GuestVirtual kernelAddress, uint switcherBase, bool pae)
    {
        if (initrdBytes >= memory.RamBytes)
            return null;
        Builder builder = new(memory, (memory.RamBytes - initrdBytes) & ~(uint)(GuestMemory.PageSize - 1));
        uint root = builder.NewPage();
        if (pae)
            FillPae(builder, root, kernelAddress.Value, switcherBase);
        else
            Fill(builder, root, kernelAddress.Value, switcherBase);
        return builder.OutOfRoom ? null : new GuestPhysical(root);
    }

    private static void Fill(Builder builder, uint root, uint kernel, uint switcherBase)
    {
        uint frames = builder.Memory.RamBytes >> GuestMemory.PageShift;
        for (uint i = 0; i * EntriesPerTable < frames && !builder.OutOfRoom; i++)
        {
            uint table = builder.NewPage();
            for (uint j = 0; j < EntriesPerTable && (i * EntriesPerTable) + j < frames; j++)
                builder.Put32(table, j, ((((i * EntriesPerTable) + j) << GuestMemory.PageShift)) | Flags);
            if (i < kernel >> DirectoryShift)
                builder.Put32(root, i, table | Flags);
            uint high = (kernel >> DirectoryShift) + i;
            if (high < switcherBase >> DirectoryShift)
                builder.Put32(root, high, table | Flags);
        }
    }

    private static void FillPae(Builder builder, uint root, uint kernel, uint switcherBase)
    {
        // Hosts gave a PAE Guest one middle directory: a gigabyte at most, which is all that a kernel half can hold.
        uint frames = Math.Min(builder.Memory.RamBytes, 1u << PointerShift) >> GuestMemory.PageShift;
        uint low = builder.NewPage();
        builder.Put64(root, 0, low | PointerFlags);
        bool shared = kernel % (1u << PointerShift) == 0;
        for (uint i = 0; i * EntriesPerTablePae < frames && !builder.OutOfRoom; i++)
        {
            uint table = builder.NewPage();
            for (uint j = 0; j < EntriesPerTablePae && (i * EntriesPerTablePae) + j < frames; j++)
                builder.Put64(table, j, ((((i * EntriesPerTablePae) + j) << GuestMemory.PageShift)) | Flags);
            builder.Put64(low, i, table | Flags);
            ulong address = kernel + ((ulong)i << DirectoryShiftPae);
            if (shared || address >= switcherBase)
                continue;
            uint pointer = (uint)(address >> PointerShift);
            uint middle = builder.Get32(root, pointer * 2) & ~0xfffu;
            if (middle == 0)
            {
                middle = builder.NewPage();
                builder.Put64(root, pointer, middle | PointerFlags);
            }

            builder.Put64(middle, (uint)(address >> DirectoryShiftPae) % EntriesPerTablePae, table | Flags);
        }

        if (shared)
            builder.Put64(root, kernel >> PointerShift, low | PointerFlags);
    }

    /// <summary>Hands out zeroed pages downwards and writes entries. The lowest megabyte is never touched: boot parameters and kernel live
    /// there.</summary>
    private sealed class Builder(GuestMemory memory, uint top)
    {
        private const uint Floor = 1 << 20;
        private uint _next = top;

        public GuestMemory Memory => memory;

        public bool OutOfRoom { get; private set; }

        public uint NewPage()
        {
            if (_next < Floor + GuestMemory.PageSize)
            {
                OutOfRoom = true;
                return _next;
            }

            _next -= GuestMemory.PageSize;
            memory.Span(new GuestPhysical(_next), GuestMemory.PageSize).Clear();
            memory.Written(new GuestPhysical(_next), GuestMemory.PageSize);
            return _next;
        }

        public uint Get32(uint page, uint index) => memory.TryRead(new GuestPhysical(page + (index * sizeof(uint))), out uint value) ? value
            : 0;

        public void Put32(uint page, uint index, uint value)
        {
            if (!OutOfRoom)
                memory.TryWrite(new GuestPhysical(page + (index * sizeof(uint))), value);
        }

        public void Put64(uint page, uint index, uint value)
        {
            if (!OutOfRoom)
                memory.TryWrite(new GuestPhysical(page + (index * sizeof(ulong))), (ulong)value);
        }
    }
}
