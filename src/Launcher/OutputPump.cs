// Between the consoles of a Guest and the terminal that shows them. A terminal can be slow, or stopped by its user, and who serves a
// console is the thread of a Guest's CPU. So what is printed is put into a buffer, and a thread that is there only while something is
// printed takes it out. When the buffer is full, the Guest's own driver feels it: its text stays with it until there is room.
//
//J:Drivers:410 A terminal that was stopped
// Somebody presses Ctrl-S, or pipes a Guest's output into a program that does not read. The thread here waits in its write, the buffer
// fills, and then a virtio console finds its text still in the ring, a serial port its transmitter busy. Nothing is lost, nothing piles up,
// and nobody else waits, since neither the CPU's thread nor those of other devices ever call the terminal. Two kinds of Guests cannot be
// told. One lives in virtual time, where nothing that it sees may depend on a terminal; the other prints at a port that has no busy bit.
// Their CPU's thread waits here until there is room, or until its user ends the Guest.

using Lguest.Devices.Console;
using Lguest.Net.Files;

namespace Lguest.Launcher;

/// <summary>A bounded buffer and a thread that empties it. Any thread.</summary>
/// <param name="terminal">Where it goes; belongs to somebody else. If it fails, what is printed is lost, and the Guest runs on: it may have
/// work to do that needs no reader.</param>
/// <param name="waits">Whether who prints waits for room, so that all is taken at once.</param>
internal sealed class OutputPump(Stream terminal, bool waits = false) : IOutput
{
    /// <summary>Bytes that wait for the terminal, at most.</summary>
    public const int MostBytes = 64 << 10;

    private static readonly TimeSpan _linger = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly FailSafeStream _terminal = new(terminal, leaveOpen: true);
    private readonly List<Action> _waiting = [];
    private readonly List<Action> _finishing = [];
    private byte[] _filling = [];
    private byte[] _emptying = [];
    private int _filled;
    private int _leaving;
    private bool _hasThread;
    private bool _isLetGo;

    /// <summary>The way to a terminal: itself, if it takes output at its own pace, else a pump.</summary>
    public static IOutput Of(Stream terminal, bool waits) => terminal as IOutput ?? new OutputPump(terminal, waits);

    public int Write(ReadOnlySpan<byte> bytes, Action whenRoom)
    {
        lock (_lock)
        {
            int taken = Put(bytes);
            while (waits && taken < bytes.Length && !_isLetGo)
            {
                Monitor.Wait(_lock);
                taken += Put(bytes[taken..]);
            }

            if (waits && _isLetGo)
                return bytes.Length;
            if (taken < bytes.Length && !_waiting.Contains(whenRoom))
                _waiting.Add(whenRoom);
            return taken;
        }
    }

    public void LetGo()
    {
        lock (_lock)
        {
            _isLetGo = true;
            Monitor.PulseAll(_lock);
        }
    }

    private int Put(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(bytes.Length, MostBytes - _filled - _leaving);
        if (taken == 0)
            return 0;
        if (_filling.Length < _filled + taken)
            Array.Resize(ref _filling, Math.Min(MostBytes, Math.Max(_filled + taken, 2 * _filling.Length)));
        bytes[..taken].CopyTo(_filling.AsSpan(_filled));
        _filled += taken;
        WakeThread();
        return taken;
    }

    public void WhenWritten(Action done)
    {
        lock (_lock)
        {
            _finishing.Add(done);
            WakeThread();
        }
    }

    private void WakeThread()
    {
        if (_hasThread)
        {
            Monitor.PulseAll(_lock);
            return;
        }

        _hasThread = true;
        new Thread(Empty) { IsBackground = true, Name = "console output" }.Start();
    }

    private void Empty()
    {
        while (TryTake(out var piece))
        {
            _terminal.Write(piece);
            Action[] hasRoom, isWritten = [];
            lock (_lock)
            {
                _leaving = 0;
                Monitor.PulseAll(_lock);
                hasRoom = [.. _waiting];
                _waiting.Clear();
                if (_filled == 0)
                {
                    isWritten = [.. _finishing];
                    _finishing.Clear();
                }
            }

            Array.ForEach(hasRoom, tell => tell());
            if (isWritten.Length > 0)
                _terminal.Flush();
            Array.ForEach(isWritten, tell => tell());
        }
    }

    /// <summary>What is to be written next, or nothing if somebody only asks whether all is written.</summary>
    /// <returns>False if nothing was printed for a while: the thread ends.</returns>
    private bool TryTake(out ArraySegment<byte> piece)
    {
        lock (_lock)
        {
            while (_filled == 0 && _finishing.Count == 0)
            {
                if (Monitor.Wait(_lock, _linger) || _filled + _finishing.Count > 0)
                    continue;
                _hasThread = false;
                _filling = _emptying = [];
                piece = default;
                return false;
            }

            (_filling, _emptying) = (_emptying, _filling);
            (_leaving, _filled) = (_filled, 0);
            piece = new ArraySegment<byte>(_emptying, 0, _leaving);
            return true;
        }
    }
}
