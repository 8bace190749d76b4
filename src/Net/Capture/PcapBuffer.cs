// Frames for a pcap file. The switch must not wait for a disk, so it stores records in this memory buffer, and the capture actor fetches
// them.

using System.Buffers;
using Lguest.Net.Frames;

namespace Lguest.Net.Capture;

/// <summary>Collects pcap records. One thread at a time.</summary>
/// <param name="wallOffset">What makes wall time, in nanoseconds since 1970, of the clock by which frames are recorded.</param>
internal sealed class PcapBuffer(long wallOffset)
{
    private readonly ArrayBufferWriter<byte> _records = new();

    /// <summary>Bytes waiting to be taken.</summary>
    public int Bytes => _records.WrittenCount;

    /// <summary>Records a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">When it passed, in nanoseconds.</param>
    public void Add(Frame frame, long now)
    {
        int length = PcapFormat.RecordHeader + frame.Length;
        PcapFormat.WriteRecord(_records.GetSpan(length), now + wallOffset, frame.Bytes);
        _records.Advance(length);
    }

    /// <summary>Records all frames of a batch.</summary>
    public void Add(FrameBatch frames, long now)
    {
        foreach (var frame in frames)
            Add(frame, now);
    }

    /// <summary>The records so far: whole ones, possibly none.</summary>
    public byte[] Take()
    {
        byte[] records = _records.WrittenSpan.ToArray();
        _records.ResetWrittenCount();
        return records;
    }
}
