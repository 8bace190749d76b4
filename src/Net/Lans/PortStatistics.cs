// Counters of a port: the frames that passed and the drops by reason.

namespace Lguest.Net.Lans;

/// <summary>Counters of one port, or of one other node of the lan.</summary>
/// <param name="Name">The port, or the other node's address.</param>
/// <param name="FramesIn">Frames that came from the Guest (or the other node), dropped ones included.</param>
/// <param name="BytesIn">Their bytes.</param>
/// <param name="FramesOut">Frames that were delivered to the Guest (or sent to the other node).</param>
/// <param name="BytesOut">Their bytes.</param>
/// <param name="Dropped">Frames that came in here or should have gone out here and did not, by reason; only reasons that occurred.</param>
public sealed record PortStatistics(
    string Name, long FramesIn, long BytesIn, long FramesOut, long BytesOut, IReadOnlyDictionary<DropReason, long> Dropped)
{
    /// <summary>All dropped frames.</summary>
    public long DroppedFrames => Dropped.Values.Sum();
}
