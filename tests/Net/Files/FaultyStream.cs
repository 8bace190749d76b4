// A disk that is full, for tests that want one without filling a real one: it takes as many bytes as it has room for, and throws after
// that.

using System.Text;

namespace Lguest.Net.Tests.Files;

/// <summary>A file on a disk with so much room.</summary>
internal sealed class FaultyStream : MemoryStream
{
    /// <summary>Largest length that the file may have.</summary>
    public int Room { get; set; }

    public required Exception Fault { get; init; }

    public bool FailsToRead { get; init; }

    /// <summary>Whether it can be opened again: it is not closed by who disposes of it.</summary>
    public bool StaysOpen { get; init; }

    /// <summary>Whether it is a pipe: it has no places.</summary>
    public bool IsPipe { get; init; }

    /// <summary>Whether its end cannot be asked for any more.</summary>
    public bool HasLostItsEnd { get; set; }

    public bool FailsToFlush { get; set; }

    /// <summary>What comes of setting its length; null: it is set.</summary>
    public Exception? CutFault { get; init; }

    public override bool CanSeek => !IsPipe;

    public int Disposals { get; private set; }

    /// <summary>How often somebody tried to write.</summary>
    public int Writes { get; private set; }

    public string Text => Encoding.ASCII.GetString(ToArray());

    public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

    /// <summary>Like a disk it takes a part of what it has no room for.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        Writes++;
        int fits = (int)Math.Clamp(Room - Position, 0, count);
        base.Write(buffer, offset, fits);
        if (fits < count)
            throw Fault;
    }

    public override int Read(byte[] buffer, int offset, int count) => FailsToRead ? throw Fault : base.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin loc) => IsPipe ? throw new NotSupportedException()
        : HasLostItsEnd ? throw Fault : base.Seek(offset, loc);

    public override void SetLength(long value)
    {
        if (CutFault is not null || IsPipe)
            throw CutFault ?? new NotSupportedException();
        base.SetLength(value);
    }

    public override void Flush()
    {
        if (FailsToFlush)
            throw Fault;
    }

    protected override void Dispose(bool disposing)
    {
        if (CanWrite)
            Disposals++;
        if (StaysOpen)
            return;
        base.Dispose(disposing);
    }
}
