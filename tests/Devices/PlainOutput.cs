// A terminal for tests of consoles: it takes what it has room for at once, and a test says how much that is.

using Lguest.Devices.Console;

namespace Lguest.Devices.Tests;

/// <summary>Prints into a stream.</summary>
internal sealed class PlainOutput(Stream stream) : IOutput
{
    private Action? _whenRoom;

    /// <summary>Bytes that it still takes.</summary>
    public int Room { get; private set; } = int.MaxValue;

    public int Write(ReadOnlySpan<byte> bytes, Action whenRoom)
    {
        int taken = Math.Min(bytes.Length, Room);
        Room -= taken;
        stream.Write(bytes[..taken]);
        if (taken < bytes.Length)
            _whenRoom = whenRoom;
        return taken;
    }

    public void LetGo()
    {
    }

    public void WhenWritten(Action done) => done();

    /// <summary>From now on it takes so many; who waited is told.</summary>
    public void MakeRoom(int bytes)
    {
        Room = bytes;
        if (bytes > 0)
            Interlocked.Exchange(ref _whenRoom, null)?.Invoke();
    }
}
