// Counters of a Guest's cards on shared pages. No device sees these frames, since they go from memory to memory; the copying code counts
// them.

namespace Lguest.Net.Dma;

/// <summary>Transfers by shared keys, and bytes in them, since the Guest started. Out are those that have arrived, for of the others the
/// Guest's own driver says that they
/// were not sent.</summary>
public readonly record struct DmaTraffic(long FramesIn, long BytesIn, long FramesOut, long BytesOut)
{
    internal DmaTraffic In(int bytes) => bytes == 0 ? this : this with { FramesIn = FramesIn + 1, BytesIn = BytesIn + bytes };

    internal DmaTraffic Out(int bytes) => bytes == 0 ? this : this with { FramesOut = FramesOut + 1, BytesOut = BytesOut + bytes };
}
