// A PAE kernel of 3.x says nowhere that it is one. Its first root does: the four entries of a PAE pointer table have a form that no page
// directory of a kernel has.
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Paging;

/// <summary>
/// Tells a PAE pointer table from a page directory at the first NEW_PGTABLE. A pointer table has four 8-byte entries, each 0 or a frame
/// inside memory
/// with no flag but P (writable and user bits are reserved there, Intel SDM vol. 3, table 4-8). A directory entry of a kernel is writable,
/// and the word
/// after it is the next entry. A root that is not page aligned can only be a pointer table.
/// </summary>
internal static class PaeRecognition
{
    private const int Entries = 4;
    private const ulong FrameMask = 0xffff_ffff_ffff_f000;

    public static bool LooksLikePae(GuestMemory memory, GuestPhysical root)
    {
        if (root.Value % GuestMemory.PageSize != 0)
            return true;
        bool any = false;
        for (uint i = 0; i < Entries; i++)
        {
            if (!memory.TryRead(root + (i * sizeof(ulong)), out ulong entry))
                return false;
            if (entry == 0)
                continue;
            if ((entry & ~FrameMask) != 1 || entry >> GuestMemory.PageShift >= memory.FrameLimit)
                return false;
            any = true;
        }

        return any;
    }
}
