// Frames travel in batches: a message costs more than a frame, so one message carries what a Guest sent in one go. A batch is one buffer of
// records, the same bytes in memory and on the wire between nodes. Once sent it never changes, so that it can be handed to several
// receivers at once.
//
//J:Net:105 Batches, and who holds them
// A network of actors lives or dies by what a frame costs. Here it costs no object: a card lays what it finds in its ring into one buffer,
// the switch looks at the frames where they lie, and if all of them go the same way, as they mostly do, the buffer itself is what the
// receiving card gets; a broadcast is one buffer with several holders. Each holder says when it is done, and the last returns the buffer to
// the pool. If one forgets, or dies, the garbage collector finds the buffer; what must never happen is that one reads on, so a batch that
// is released has no buffer any more.
//
// A record: length u32, offload (FrameOffload, 10 bytes), 2 bytes of zero, then the frame; all little-endian, no padding.

using System.Buffers;
using System.Buffers.Binary;

namespace Lguest.Net.Frames;

/// <summary>
/// Some frames in one buffer, immutable. Made by <see cref="FrameBatchWriter"/>. Each holder calls <see cref="Release"/> once when it is
/// done, and the
/// last of them returns the buffer to the pool. A holder that disappears without a word costs a buffer of the pool, which the garbage
/// collector takes;
/// one that reads on after its release fails. Any thread.
/// </summary>
public sealed class FrameBatch
{
    /// <summary>Bytes of a record before the frame.</summary>
    public const int RecordHeader = 16;

    /// <summary>A batch is closed when it would exceed this (64 KiB); only a single frame may be larger.</summary>
    public const int FullBytes = 65_536;

    private readonly int _start;
    private readonly int _end;
    private readonly bool _pooled;
    private byte[]? _buffer;
    private int _holders = 1;

    internal FrameBatch(byte[] buffer, int start, int end, int count, bool pooled)
    {
        _buffer = buffer;
        _start = start;
        _end = end;
        _pooled = pooled;
        Count = count;
    }

    /// <summary>How many frames, at least one.</summary>
    public int Count { get; }

    /// <summary>Bytes of the frames alone, without the headers of their records.</summary>
    public int Bytes => _end - _start - Count * RecordHeader;

    /// <summary>Bytes of the records: what the batch takes in memory and on the wire.</summary>
    public int RecordBytes => _end - _start;

    /// <summary>The records.</summary>
    /// <exception cref="ObjectDisposedException">All holders have released the batch.</exception>
    internal ReadOnlySpan<byte> Records => Buffer.AsSpan(_start, _end - _start);

    private byte[] Buffer => Volatile.Read(ref _buffer) ?? throw new ObjectDisposedException(
        nameof(FrameBatch), "a batch of frames was read after its release");

    /// <summary>A batch of one frame, copied.</summary>
    public static FrameBatch Of(ReadOnlySpan<byte> frame, FrameOffload offload = default)
    {
        var writer = new FrameBatchWriter();
        frame.CopyTo(writer.Add(frame.Length, offload));
        return writer.Take()!;
    }

    /// <summary>Takes over a buffer of records that came from outside, if it is one: whole records, at least one, none longer than a frame
    /// may be.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="start">Where the records begin.</param>
    /// <param name="length">Their bytes.</param>
    /// <param name="isPooled">Whether the buffer belongs to the shared pool, and goes back there with the last release.</param>
    /// <returns>The batch, which keeps the buffer; null if the bytes are no records.</returns>
    public static FrameBatch? Wrap(byte[] buffer, int start, int length, bool isPooled = false)
    {
        var records = buffer.AsSpan(start, length);
        int count = 0;
        while (records.Length >= RecordHeader)
        {
            uint frame = BinaryPrimitives.ReadUInt32LittleEndian(records);
            if (frame > Frame.LongestLength || frame > records.Length - RecordHeader)
                return null;
            records = records[(RecordHeader + (int)frame)..];
            count++;
        }

        return count == 0 || records.Length != 0 ? null : new FrameBatch(buffer, start, start + length, count, isPooled);
    }

    /// <summary>One more holder.</summary>
    /// <returns>This batch.</returns>
    public FrameBatch Retain()
    {
        if (Interlocked.Increment(ref _holders) <= 1)
            throw new ObjectDisposedException(nameof(FrameBatch), "a batch of frames was retained after its release");
        return this;
    }

    /// <summary>One holder less.</summary>
    public void Release()
    {
        int holders = Interlocked.Decrement(ref _holders);
        if (holders > 0)
            return;
        if (holders < 0)
            throw new ObjectDisposedException(nameof(FrameBatch), "a batch of frames was released more often than it was held");
        byte[] buffer = Interlocked.Exchange(ref _buffer, null)!;
        if (_pooled)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The frames in the order in which they were sent; nothing is allocated.</summary>
    public Enumerator GetEnumerator() => new(Records);

    /// <summary>Walks the records.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private int _length;

        internal Enumerator(ReadOnlySpan<byte> records)
        {
            _rest = records;
            _length = -RecordHeader;
        }

        public readonly Frame Current => new(_rest.Slice(RecordHeader, _length), FrameOffload.Read(_rest[4..]));

        public bool MoveNext()
        {
            _rest = _rest[(RecordHeader + _length)..];
            if (_rest.IsEmpty)
                return false;
            _length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest);
            return true;
        }
    }
}
