// What every virtio device has in common, so that one actor serves them all: queues, a bounded piece of work on one of them, and a reset.

using Lguest.Devices.Virtio;

namespace Lguest.Devices;

/// <summary>The pure half of a device: buffers in, buffers out. Not thread-safe; its actor is its only caller.</summary>
internal interface IVirtioDevice : IDisposable
{
    /// <summary>Its virtqueues, in the order of its description.</summary>
    IReadOnlyList<SplitQueue> Queues { get; }

    /// <summary>Serves a bounded number of requests of one queue.</summary>
    /// <param name="queue">Index into <see cref="Queues"/>.</param>
    /// <returns>True if that queue has more that could be served at once.</returns>
    bool Serve(int queue);

    /// <summary>Takes the queues where a driver on PCI has put them.</summary>
    /// <param name="rings">A place for each queue, inside the Guest's memory; null for one that the driver does not use.</param>
    /// <param name="indirect">Whether the driver may use indirect tables.</param>
    void Place(IReadOnlyList<RingLayout?> rings, bool indirect)
    {
        for (int i = 0; i < rings.Count; i++)
            if (rings[i] is { } ring)
                Queues[i].Place(ring, indirect);
    }

    /// <summary>Empties all rings and forgets what was under way (ABI sheet 10.4).</summary>
    void Reset();
}
