// A connection that does what a test wants: breaks as no network does, or notes who writes.

namespace Lguest.Net.Tests.Trunks;

/// <summary>Nothing arrives until it is closed.</summary>
internal sealed class TrunkStream : Stream
{
    private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How reading fails; null if it does not.</summary>
    public Exception? Reads { get; init; }

    /// <summary>What becomes of so many bytes.</summary>
    public Func<int, Task> Writes { get; init; } = _ => Task.CompletedTask;

    public bool IsClosed => _end.Task.IsCompleted;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Reads is { } fault ? ValueTask.FromException<int>(fault) : new ValueTask<int>(_end.Task);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Writes(buffer.Length));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _end.TrySetResult(0);
        base.Dispose(disposing);
    }
}
