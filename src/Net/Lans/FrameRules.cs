// The checks that a frame must pass to enter a lan. Guests and other nodes may send anything; after these checks the rest of the lan can
// trust lengths and offsets.

using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>The rules for frames that enter a lan.</summary>
internal static class FrameRules
{
    /// <summary>Why a frame is refused; null if it is sound. A packet that is still to be cut has up to 64 KiB.</summary>
    /// <param name="frame">Anything.</param>
    /// <param name="longest">The longest frame of the lan.</param>
    public static DropReason? Problem(Frame frame, int longest)
    {
        if (frame.Length < Frame.HeaderLength)
            return DropReason.TooShort;
        var offload = frame.Offload;
        if (frame.Length > (offload.Segmentation == SegmentationKind.None ? longest : Frame.LongestLength))
            return DropReason.TooLong;
        var source = frame.Source;
        if (source.IsGroup || source.IsZero)
            return DropReason.BadSource;
        return offload.IsNothing || IsSound(offload, frame.Length) ? null : DropReason.BadOffload;
    }

    private static bool IsSound(FrameOffload offload, int length)
    {
        bool needsChecksum = (offload.Flags & FrameOffload.NeedsChecksum) != 0;
        if (needsChecksum && (offload.ChecksumStart < Frame.HeaderLength || offload.ChecksumStart + offload.ChecksumOffset
            + sizeof(ushort) > length))
            return false;
        return (offload.Segmentation & ~SegmentationKind.Ecn) switch
        {
            SegmentationKind.None => offload.Segmentation == SegmentationKind.None,
            // Cutting a TCP packet changes its checksum, so that must still be open.
            SegmentationKind.Tcp4 or SegmentationKind.Tcp6 => offload.SegmentSize >= OffloadCompletion.SmallestSegment && needsChecksum,
            // Cutting UDP is not offered to any driver, so none may ask for it.
            _ => false,
        };
    }
}
