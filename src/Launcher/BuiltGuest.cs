// A Guest that is built but not yet running: the Launcher gives its parts to the Switcher and to the actors of its devices.

using Lguest.Guest.Memory;
using Lguest.Launcher.Boards;

namespace Lguest.Launcher;

/// <summary>Memory, entry and devices of one life of a Guest.</summary>
/// <param name="Memory">RAM and device pages, filled. To be disposed at the end of this life; what can still touch it holds it.</param>
/// <param name="Start">First instruction.</param>
/// <param name="Parts">Its devices.</param>
internal sealed record BuiltGuest(GuestMemory Memory, GuestVirtual Start, BoardParts Parts)
{
    /// <summary>What its user should know before it runs, a line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>It will not run after all: files and memory are given back.</summary>
    public void Discard()
    {
        foreach (var device in Parts.Owned)
            device.Dispose();
        Memory.Dispose();
    }
}
