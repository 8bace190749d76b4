// Where a shared page lies in a Guest's memory.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>A shared page in a Guest's memory (ABI sheet 9.8: the page of a generation 1 network).</summary>
/// <param name="Page">Name of what is shared: Guests with the same name share it, wherever they are.</param>
/// <param name="Start">First address, page aligned.</param>
/// <param name="Slot">The Guest's own slot, 0 to <see cref="SharedPage.Slots"/> - 1: only that one is its to write.</param>
public sealed record SharedWindow(string Page, GuestPhysical Start, int Slot)
{
    /// <summary>File that gets what the Guest sends and receives by this page; null for none.</summary>
    public string? Pcap { get; init; }

    /// <summary>File that gets whatever is sent by this page on this node or arrives here from another, the same for all its Guests; null
    /// for none.</summary>
    public string? PagePcap { get; init; }

    public bool Contains(GuestPhysical address) => address.Value >= Start.Value && address.Value - Start.Value < GuestMemory.PageSize;
}
