// A Guest that is built but not yet running: the Launcher gives its parts to the Switcher and to the actors of its devices.

using Lguest.Guest.Memory;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Generation1;
using Lguest.Host.Launcher.Boards;
using Lguest.Host.Virtio;

namespace Lguest.Host.Launcher;

/// <summary>Memory, entry and devices of one life of a Guest.</summary>
/// <param name="Memory">RAM and device pages, filled. To be disposed at the end of this life; what can still touch it holds it.</param>
/// <param name="Start">First instruction.</param>
/// <param name="Pages">The bus.</param>
/// <param name="Devices">One for each entry of the bus, in its order; each to be disposed by the actor that serves it.</param>
internal sealed record BuiltGuest(GuestMemory Memory, GuestVirtual Start, DevicePages Pages, IReadOnlyList<IVirtioDevice> Devices)
{
    /// <summary>What a generation 1 Guest has instead of rings; null for others. Its bus in <see cref="Pages"/> is empty then.</summary>
    public DmaBoard? Board { get; init; }

    /// <summary>What a PC Guest has instead of lguest's bus; null for others.</summary>
    public PcParts? Pc { get; init; }

    /// <summary>What its user should know before it runs, a line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>It will not run after all: files and memory are given back.</summary>
    public void Discard()
    {
        foreach (var device in Devices)
            device.Dispose();
        foreach (var device in Board?.Devices ?? [])
            device.Dispose();
        foreach (var device in Pc?.Devices ?? [])
            device.Device.Dispose();
        Memory.Dispose();
    }
}
