// A key is an address, and an address means nothing outside of its Guest, unless it lies in a page that several Guests share. Then what counts is which page
// it is and where in it the address lies; that is the same for all of them.

namespace Lguest.Net.Dma;

/// <summary>Where a send to a key can find its receivers (ABI sheet 9.3). Two Guests mean the same if their keys are equal.</summary>
/// <param name="Page">Name of the shared page; for an address of a Guest's own memory, null.</param>
/// <param name="Guest">Whose own memory it is; null for a shared page.</param>
/// <param name="Offset">Bytes from the start of the page, or of the Guest's memory.</param>
public readonly record struct DmaKey(string? Page, string? Guest, uint Offset)
{
    public bool IsShared => Page is not null;
}
