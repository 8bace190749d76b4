// Where ring 1 starts pushing when a trap comes from ring 3. The Guest names it at each task switch, and promises that it is mapped; the
// Host takes it at its word once and checks.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Segments;

/// <summary>SET_STACK and the pinning of its pages (ABI sheet 3.3, 7.4).</summary>
internal sealed class TrapStack(GuestSlot slot, HostPages pages)
{
    private const uint MostPages = 2;
    private uint _count;

    /// <param name="selector">ss1; its RPL must be 1.</param>
    /// <param name="pointer">esp1.</param>
    /// <param name="count">Pages below the pointer that must be writable, 0-2.</param>
    public void Set(uint selector, uint pointer, uint count)
    {
        if ((selector & 3) != GuestSelectors.KernelPrivilege)
        {
            slot.Kill(KillReason.BadStackSegment, $"bad stack segment {selector:x}");
            return;
        }

        if (count > MostPages)
        {
            slot.Kill(KillReason.BadStackPages, $"bad stack pages {count}");
            return;
        }

        pages.TrapStackSelector = (ushort)selector;
        pages.TrapStackPointer = pointer;
        _count = count;
        Pin();
    }

    /// <summary>Makes the stack's pages present and writable in the current address space, or kills the Guest.</summary>
    public void Pin()
    {
        for (uint i = 0; i < _count; i++)
        {
            GuestVirtual address = new(pages.TrapStackPointer - 1 - (i * GuestMemory.PageSize));
            if (slot.Processor.Translate(address, AccessKind.Write) is null)
            {
                slot.Kill(KillReason.BadStackPage, $"bad stack page {address.Value:x}");
                return;
            }
        }
    }
}
