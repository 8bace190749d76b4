// A terminal whose user has pressed Ctrl-S, for tests of what waits for it.

namespace Lguest.Launcher.Tests;

/// <summary>Takes nothing until it may go on, and then counts what it is given.</summary>
internal sealed class StoppedTerminal : MemoryStream
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _goesOn = new();

    public long Bytes { get; private set; }

    public void GoOn() => _goesOn.TrySetResult();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _goesOn.Task.Wait(Patience);
        Bytes += buffer.Length;
    }

    protected override void Dispose(bool disposing)
    {
        GoOn();
        base.Dispose(disposing);
    }
}
