// What the registers of a device tell the half that serves its queues. The registers belong to the CPU's thread; the queues are served
// wherever the device's actor runs, so that an implementation only passes on what it is told.

namespace Lguest.Devices.Virtio.Pci;

/// <summary>The device behind the registers. Called on the thread that has the Guest's CPU.</summary>
internal interface IVirtioBackend
{
    /// <summary>The driver is ready: queues begin service.</summary>
    /// <param name="features">What was agreed on.</param>
    /// <param name="rings">A layout for each queue, inside RAM; null for one that the driver does not use.</param>
    void Start(ulong features, IReadOnlyList<RingLayout?> rings);

    /// <summary>The driver made buffers available in a queue that has begun service.</summary>
    void Kick(int queue);

    /// <summary>The driver wants the device as new: no buffer of the Guest may be touched afterwards.</summary>
    /// <returns>True if that is done; otherwise <see cref="VirtioRegisters.FinishReset"/> is called when it is.</returns>
    bool Reset();

    /// <summary>The driver wrote to the device's own configuration.</summary>
    /// <returns>False if nothing can be written there.</returns>
    bool WriteConfig(int offset, int bytes, uint value);
}
