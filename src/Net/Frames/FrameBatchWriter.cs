// Makes batches: for a card that empties a ring, or a lan that sorts frames by port. Frames are stored one after the other in a pooled
// buffer, so a frame costs a copy and no object.

using System.Buffers;
using System.Buffers.Binary;

namespace Lguest.Net.Frames;

/// <summary>Collects frames into batches. Lives as long as its owner and makes one batch after the other. One thread at a time.</summary>
public sealed class FrameBatchWriter
{
    private const int SmallestBuffer = 512;
    private byte[] _buffer = [];
    private int _used;
    private int _expected;

    /// <summary>Frames waiting to be taken.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the waiting frames, without the headers of their records.</summary>
    public int Bytes => _used - Count * FrameBatch.RecordHeader;

    /// <summary>True if a frame of this length can be added to what is waiting. An empty writer has room for any legal frame.</summary>
    public bool HasRoom(int length) => Count == 0 || _used + FrameBatch.RecordHeader + length <= FrameBatch.FullBytes;

    /// <summary>Adds a frame.</summary>
    /// <param name="length">Bytes, at most <see cref="Frame.LongestLength"/>.</param>
    /// <param name="offload">What remains to be done to it.</param>
    /// <returns>Where its bytes go. To be filled entirely (the buffer is not cleared), before the next call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Longer than a frame can be.</exception>
    public Span<byte> Add(int length, FrameOffload offload = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Frame.LongestLength);
        int end = _used + FrameBatch.RecordHeader + length;
        if (end > _buffer.Length)
            Grow(end);
        var header = _buffer.AsSpan(_used, FrameBatch.RecordHeader);
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        offload.Write(header[4..]);
        header[14] = header[15] = 0;
        var frame = _buffer.AsSpan(_used + FrameBatch.RecordHeader, length);
        _used = end;
        Count++;
        return frame;
    }

    /// <summary>Adds a copy of a frame.</summary>
    public void Add(Frame frame) => frame.Bytes.CopyTo(Add(frame.Length, frame.Offload));

    /// <summary>Takes the last frame back: its bytes turned out not to be had.</summary>
    /// <param name="length">The length with which it was added.</param>
    public void Undo(int length)
    {
        _used -= FrameBatch.RecordHeader + length;
        Count--;
    }

    /// <summary>Closes the batch.</summary>
    /// <returns>The waiting frames, held once, by the caller; null if there are none.</returns>
    public FrameBatch? Take()
    {
        if (Count == 0)
            return null;
        var batch = new FrameBatch(_buffer, 0, _used, Count, pooled: true);
        _buffer = [];
        _expected = _used / 2;
        _used = 0;
        Count = 0;
        return batch;
    }

    /// <summary>A buffer four times as large, or to begin with one of half the last batch's size: a ping must not sit in 64 KiB, and a
    /// stream should
    /// not be copied from buffer to buffer.</summary>
    private void Grow(int needed)
    {
        int wanted = _used == 0 ? Math.Max(_expected, SmallestBuffer) : Math.Min(_buffer.Length * 4, FrameBatch.FullBytes);
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, wanted));
        _buffer.AsSpan(0, _used).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
