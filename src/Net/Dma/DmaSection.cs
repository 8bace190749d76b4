// A piece of Guest memory as a DMA descriptor names it.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>One section of a descriptor.</summary>
/// <param name="Address">Guest-physical.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct DmaSection(GuestPhysical Address, int Length)
{
    /// <summary>Whether it may take part in a transfer: at most a page, not across a page's end, inside memory (ABI sheet 9.2).</summary>
    public bool IsGood(GuestMemory memory) =>
        (Address.Value % GuestMemory.PageSize) + Length <= GuestMemory.PageSize
        && memory.Contains(Address, (uint)Length);
}
