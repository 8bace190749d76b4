// A stream that also writes a Guest's output to a file, byte by byte.

namespace Lguest.Host.Terminal;

/// <summary>A stream to write to that writes to a log as well. Owns both.</summary>
/// <param name="inner">Where it goes.</param>
/// <param name="log">The log, which owns its failures: see <see cref="Lguest.Host.Logging.GuestLog"/>.</param>
internal sealed class LoggedStream(Stream inner, Stream log) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        log.Write(buffer);
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        log.Flush();
        inner.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            log.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
