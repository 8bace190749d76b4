// A stream that survives failures of the stream below it, so that a full disk or a closed terminal ends no Guest. The first failure is
// reported once; afterwards writes are dropped and reads return the end. It never throws because of a file, not even on disposal.

namespace Lguest.Net.Files;

/// <summary>A stream whose faults end nothing but itself. One thread at a time, like other streams.</summary>
public sealed class FailSafeStream : Stream
{
    private readonly Stream _inner;
    private readonly Action<Exception>? _failed;
    private readonly bool _leaveOpen;
    private bool _isReleased;

    /// <param name="inner">The stream below.</param>
    /// <param name="failed">Told once of what has happened; null where nobody need know.</param>
    /// <param name="leaveOpen">Whether the stream below belongs to somebody else.</param>
    public FailSafeStream(Stream inner, Action<Exception>? failed = null, bool leaveOpen = false)
    {
        _inner = inner;
        _failed = failed;
        _leaveOpen = leaveOpen;
    }

    /// <summary>Whether it has failed.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanRead => _inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => _inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (HasFailed)
            return;
        try
        {
            _inner.Write(buffer);
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            Fail(problem);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (HasFailed)
            return;
        try
        {
            _inner.Flush();
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            Fail(problem);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (HasFailed)
            return 0;
        try
        {
            return _inner.Read(buffer);
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            Fail(problem);
            return 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isReleased)
        {
            Flush();
            Release();
        }

        base.Dispose(disposing);
    }

    private void Fail(Exception problem)
    {
        HasFailed = true;
        Release();
        _failed?.Invoke(problem);
    }

    /// <summary>Closes the stream below, so that what a full disk has kept open can be deleted.</summary>
    private void Release()
    {
        _isReleased = true;
        if (_leaveOpen)
            return;
        try
        {
            _inner.Dispose();
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            // It tried once more to write what it still held. The fault is known, or what is lost was not worth a word.
        }
    }
}
