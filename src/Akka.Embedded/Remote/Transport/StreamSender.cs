//J:Cluster:120 One queue, one writer
// Any thread may append a frame; whoever finds the writer idle starts it, and it goes on until nothing is left. While it waits for the
// network, frames gather behind it and leave together in its next write: the busier, the larger the writes. What may gather has a bound, and
// an append beyond it is refused, so that a peer that does not read costs us no more than that. Signs of life have a queue of their own, which
// goes first: behind the mass they would come too late, and a busy node would be taken for a dead one.

namespace Akka.Remote.Transport;

/// <summary>The sending half of one connection. Thread-safe.</summary>
internal sealed class StreamSender : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly SegmentedBuffer _buffer = new();
    private readonly SegmentedBuffer _urgent = new();
    private readonly Stream _stream;
    private readonly long _bound;
    private readonly Action<Exception> _failed;
    private TaskCompletionSource _idle;
    private bool _writing;
    private bool _closed;

    /// <param name="stream">Where to write.</param>
    /// <param name="bound">Bytes that may wait.</param>
    /// <param name="failed">Called once when the stream fails.</param>
    internal StreamSender(Stream stream, long bound, Action<Exception> failed)
    {
        _stream = stream;
        _bound = bound;
        _failed = failed;
    }

    /// <summary>Appends a message; false when it finds no room. A closed sender takes everything and keeps nothing.</summary>
    internal bool TryAppend(in MessageFrame frame, bool isUrgent = false)
    {
        var size = (int)frame.Size;
        lock (_gate)
        {
            if (_closed) return true;
            var buffer = isUrgent ? _urgent : _buffer;
            if (buffer.Waiting + size > _bound) return false;
            frame.WriteTo(buffer.Reserve(size));
            if (_writing) return true;
            _writing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Appends a finished frame; false when it finds no room.</summary>
    internal bool TryAppend(ReadOnlySpan<byte> frame, bool evenIfFull = false, bool isUrgent = false)
    {
        lock (_gate)
        {
            if (_closed) return true;
            var buffer = isUrgent ? _urgent : _buffer;
            if (buffer.Waiting + frame.Length > _bound && !evenIfFull) return false;
            frame.CopyTo(buffer.Reserve(frame.Length));
            if (_writing) return true;
            _writing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Completed when nothing waits any more, or never will.</summary>
    internal Task WhenIdle()
    {
        lock (_gate)
        {
            if (!_writing || _closed) return Task.CompletedTask;
            return (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Drops what waits; what is appended later is dropped as well.</summary>
    internal void Close()
    {
        TaskCompletionSource idle;
        lock (_gate)
        {
            _closed = true;
            _buffer.Clear();
            _urgent.Clear();
            idle = _idle;
            _idle = null;
        }

        idle?.TrySetResult();
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAll();

    private async Task WriteAll()
    {
        try
        {
            while (TryNext(out var block))
            {
                try
                {
                    await _stream.WriteAsync(block).ConfigureAwait(false);
                }
                finally
                {
                    SegmentedBuffer.Return(block);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Close();
            _failed(failure);
        }
    }

    private bool TryNext(out ArraySegment<byte> block)
    {
        TaskCompletionSource idle;
        lock (_gate)
        {
            if (_urgent.TryTake(out block) || _buffer.TryTake(out block)) return true;
            _writing = false;
            idle = _idle;
            _idle = null;
        }

        idle?.TrySetResult();
        return false;
    }
}
