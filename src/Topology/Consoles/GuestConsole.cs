// One Guest's console on the board: a stream for its output, and the input that is typed for it.

using Lguest.Devices.Console;

namespace Lguest.Topology.Consoles;

/// <summary>The console of one Guest of a topology.</summary>
/// <param name="name">The Guest's name.</param>
/// <param name="board">Where what it prints is shown.</param>
/// <param name="log">Where it is written as well, a stream that owns its failures; null for nowhere. Owned.</param>
internal sealed class GuestConsole(string name, IConsoles board, Stream? log) : Stream
{
    public string Name => name;

    /// <summary>What is typed for the Guest.</summary>
    public TerminalInput Input { get; } = TerminalInput.Open();

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
        log?.Write(buffer);
        board.Print(name, buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => log?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            board.Remove(this);
            log?.Dispose();
        }

        base.Dispose(disposing);
    }
}
