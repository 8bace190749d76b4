// What the three generation 1 devices have in common: a key to which the Guest sends, memory, and a host resource to release.

using Lguest.Guest.Memory;

namespace Lguest.Devices.Generation1;

/// <summary>The pure half of a generation 1 device. Not thread-safe; its actor is its only caller.</summary>
/// <param name="memory">The Guest's memory; held until the device is disposed.</param>
/// <param name="key">What the Guest names to reach it.</param>
/// <param name="irq">Its interrupt.</param>
/// <param name="name">What it is called.</param>
internal abstract class DmaDevice(GuestMemory memory, GuestPhysical key, int irq, string name) : IDisposable
{
    private readonly MemoryHold _hold = memory.Hold();

    public GuestPhysical Key => key;

    public int Irq => irq;

    public string Name => name;

    protected GuestMemory Memory => memory;

    public virtual void Dispose() => _hold.Dispose();
}
