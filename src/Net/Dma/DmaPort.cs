// A Guest as the DMA of its node knows it: its memory, its shared pages and its bindings.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>A Guest that takes part in DMA.</summary>
/// <param name="guest">Its name on this node.</param>
/// <param name="memory">Its memory.</param>
/// <param name="hold">What keeps the memory there; disposed with the port.</param>
/// <param name="windows">The shared pages in it.</param>
internal sealed class DmaPort(string guest, GuestMemory memory, MemoryHold hold, IReadOnlyList<SharedWindow> windows) : IDisposable
{
    /// <summary>The most bindings of one Guest (LGUEST_MAX_DMA).</summary>
    public const int MostBindings = 32;

    public string Guest => guest;

    public GuestMemory Memory => memory;

    public IReadOnlyList<SharedWindow> Windows => windows;

    public List<DmaBinding> Bindings { get; } = [];

    /// <summary>What went by its shared pages.</summary>
    public DmaTraffic Traffic { get; set; }

    public void Dispose() => hold.Dispose();

    /// <summary>What an address of this Guest means as a key.</summary>
    public DmaKey KeyOf(GuestPhysical address)
    {
        foreach (var window in windows)
            if (window.Contains(address))
                return new DmaKey(window.Page, null, address.Value - window.Start.Value);
        return new DmaKey(null, guest, address.Value);
    }
}
