// Counters of a network card. The device counts; others read a copy.

namespace Lguest.Devices.Net;

/// <summary>Frames and bytes (without the virtio header) since the Guest started. In is towards the Guest; dropped are those that found no
/// room in it,
/// or were no frames when they came out of it.</summary>
internal readonly record struct NetMetrics(long FramesIn, long BytesIn, long DroppedIn, long FramesOut, long BytesOut, long DroppedOut)
{
    /// <summary>Frames that the lan dropped at the card's port, either way.</summary>
    public long DroppedByLan { get; init; }

    /// <summary>All that were dropped.</summary>
    public long Dropped => DroppedIn + DroppedOut + DroppedByLan;

    public static NetMetrics operator +(NetMetrics left, NetMetrics right) => new(
        left.FramesIn + right.FramesIn,
        left.BytesIn + right.BytesIn,
        left.DroppedIn + right.DroppedIn,
        left.FramesOut + right.FramesOut,
        left.BytesOut + right.BytesOut,
        left.DroppedOut + right.DroppedOut)
    {
        DroppedByLan = left.DroppedByLan + right.DroppedByLan,
    };
}
