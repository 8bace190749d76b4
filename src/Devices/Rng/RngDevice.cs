// The simplest device, and a good one to read first: the Guest supplies a buffer, and it comes back full of random bytes.

using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Rng;

/// <summary>Serves the one queue of a virtio entropy source (ABI sheet 10.10).</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="queue">Its queue.</param>
/// <param name="fill">Where the bytes come from: the host's generator, or a seeded one in a Guest that must be repeatable.</param>
internal sealed class RngDevice(GuestMemory memory, SplitQueue queue, Action<Span<byte>> fill) : IVirtioDevice
{
    /// <summary>No request gets more than this, however much memory its descriptors name.</summary>
    public const int MostBytes = 1 << 16;

    private const int RequestsAtATime = 16;

    public IReadOnlyList<SplitQueue> Queues { get; } = [queue];

    public RngMetrics Metrics { get; private set; }

    public bool Serve(int index)
    {
        for (int i = 0; i < RequestsAtATime; i++)
        {
            if (queue.TryTake() is not { } request)
                return false;
            if (request.Readable.Count > 0)
                return queue.Break("the entropy source was given something to read") is not null;
            uint bytes = (uint)Math.Min(request.WritableBytes, MostBytes);
            foreach (var piece in BufferChain.Pieces(request.Writable, 0, bytes))
            {
                using var _ = memory.Writing(piece.Address, piece.Length);
                fill(memory.Span(piece.Address, piece.Length));
            }

            Metrics = new RngMetrics(Metrics.Requests + 1, Metrics.Bytes + bytes);
            queue.Return(request.Head, bytes);
        }

        return queue.HasMore;
    }

    public void Reset() => queue.Reset();

    public void Dispose() => queue.Dispose();
}
