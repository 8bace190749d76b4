// The key of a binding. It is an address, which is private to a Guest unless it lies in a shared page; then the page and the offset in it
// identify the binding for all Guests of the page.

namespace Lguest.Net.Dma;

/// <summary>Where a send to a key can find its receivers (ABI sheet 9.3). Two Guests mean the same if their keys are equal.</summary>
/// <param name="Page">Name of the shared page; for an address of a Guest's own memory, null.</param>
/// <param name="Guest">Whose own memory it is; null for a shared page.</param>
/// <param name="Offset">Bytes from the start of the page, or of the Guest's memory.</param>
public readonly record struct DmaKey(string? Page, string? Guest, uint Offset)
{
    public bool IsShared => Page is not null;
}
