// In raw mode Ctrl-C goes to the Guest, so the user needs another way out of a Guest that hangs. As in lguest, it is three Ctrl-C within a
// second.

namespace Lguest.Devices.Console;

/// <summary>Watches typed bytes for three Ctrl-C in a row. Time comes from the caller.</summary>
internal sealed class InterruptCounter
{
    private const byte ControlC = 3;
    private const int Needed = 3;
    private static readonly TimeSpan _within = TimeSpan.FromSeconds(1);

    private TimeSpan _first;
    private int _count;

    /// <summary>Takes what one read gave.</summary>
    /// <param name="bytes">The bytes; Ctrl-C counts only where nothing else came with it, as from a finger and not from a pasted file;
    /// several at once, for a busy host reads late.</param>
    /// <param name="now">Any steadily running time.</param>
    /// <returns>True at the third Ctrl-C within a second of the first.</returns>
    public bool Saw(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        if (bytes.IsEmpty || bytes.ContainsAnyExcept(ControlC))
        {
            _count = 0;
            return false;
        }

        if (_count == 0 || now - _first > _within)
        {
            _first = now;
            _count = 0;
        }

        int before = _count;
        _count += bytes.Length;
        return before < Needed && _count >= Needed;
    }
}
