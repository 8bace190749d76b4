// What other threads want of a Guest's devices. Only who owns the slot may touch a device; the rest leave a note here and ask the processor
// to look up: a queue has been served, a byte was typed, a card has a frame.

using System.Numerics;

namespace Lguest.Switcher.Slots;

/// <summary>The notes of one slot. <see cref="Want"/> and <see cref="Signal"/> may be called from any thread, the rest by the owner
/// only.</summary>
/// <param name="poll">Asks the processor to look up, from any thread.</param>
internal sealed class DeviceAttention(Action poll)
{
    private int _wanted;
    private uint _signals;
    private uint _taken;

    /// <summary>Whether there is a note.</summary>
    public bool IsWanted => Volatile.Read(ref _wanted) != 0;

    /// <summary>Some device has something to do.</summary>
    public void Want()
    {
        Volatile.Write(ref _wanted, 1);
        poll();
    }

    /// <summary>The device with this number has used buffers.</summary>
    /// <param name="number">0-31.</param>
    public void Signal(int number)
    {
        Interlocked.Or(ref _signals, 1u << number);
        Want();
    }

    /// <summary>Takes the note. False if there is none. What comes later makes a new one.</summary>
    public bool Take()
    {
        if (!IsWanted)
            return false;
        Interlocked.Exchange(ref _wanted, 0);
        return true;
    }

    /// <summary>Takes the lowest number that was signalled; null when there is none left.</summary>
    public int? TakeSignal()
    {
        if (_taken == 0)
            _taken = Interlocked.Exchange(ref _signals, 0);
        if (_taken == 0)
            return null;
        int number = BitOperations.TrailingZeroCount(_taken);
        _taken &= _taken - 1;
        return number;
    }
}
