// A stream that also writes a Guest's output to a file, byte by byte, from the moment when that is open: what devices need when they are
// made is there before it is sure that the Guest will start, and until then the file keeps what it has from before.

namespace Lguest.Host.Terminal;

/// <summary>A stream to write to that writes to a log as well, once there is one. Owns the log.</summary>
/// <param name="inner">Where it goes.</param>
internal sealed class LoggedStream(Stream inner) : Stream
{
    private Stream? _log;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on there is a log, which owns its failures: see <see cref="Launcher.GuestLog"/>. To be called before
    /// anybody writes.</summary>
    public void Begin(Stream log) => _log = log;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _log?.Write(buffer);
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        _log?.Flush();
        inner.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _log?.Dispose();
        base.Dispose(disposing);
    }
}
