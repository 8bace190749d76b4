// What waits to be written to a connection: frames side by side in pooled blocks, so that a thousand small messages leave in one write and
// none of them is an object of its own.

using System.Buffers;

namespace Akka.Remote.Transport;

/// <summary>A queue of bytes. Not thread-safe: its owner has a lock.</summary>
internal sealed class SegmentedBuffer
{
    private const int SegmentSize = 64 * 1024;

    private readonly Queue<ArraySegment<byte>> _full = new();
    private byte[] _tail;
    private int _used;

    /// <summary>Bytes that wait, those not counted that have been taken.</summary>
    internal long Waiting { get; private set; }

    /// <summary>Room for one frame at the end of the queue.</summary>
    internal Span<byte> Reserve(int size)
    {
        if (_tail is null || _tail.Length - _used < size)
        {
            PushTail();
            _tail = ArrayPool<byte>.Shared.Rent(Math.Max(size, SegmentSize));
        }

        var room = _tail.AsSpan(_used, size);
        _used += size;
        Waiting += size;
        return room;
    }

    /// <summary>The oldest block; to be given back with <see cref="Return"/>.</summary>
    internal bool TryTake(out ArraySegment<byte> block)
    {
        if (_full.Count == 0) PushTail();
        if (!_full.TryDequeue(out block)) return false;
        Waiting -= block.Count;
        return true;
    }

    internal static void Return(ArraySegment<byte> block) => ArrayPool<byte>.Shared.Return(block.Array);

    internal void Clear()
    {
        while (TryTake(out var block)) Return(block);
    }

    private void PushTail()
    {
        if (_tail is null) return;
        if (_used > 0) _full.Enqueue(new ArraySegment<byte>(_tail, 0, _used));
        else ArrayPool<byte>.Shared.Return(_tail);
        _tail = null;
        _used = 0;
    }
}
