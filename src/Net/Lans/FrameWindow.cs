// Mailboxes have no limit, so frames on their way between two actors are counted: the sender asks whether there is room, the receiver
// reports what it has handled. The counter is the only thing that a card and its lan share.

namespace Lguest.Net.Lans;

/// <summary>How many bytes are under way from one actor to another. Any thread.</summary>
/// <param name="capacity">Bytes; one batch passes even if it is larger, when nothing else is under way.</param>
public sealed class FrameWindow(int capacity)
{
    private long _used;
    private int _wasRefused;

    /// <summary>Bytes under way.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Takes room for a batch, before it is sent.</summary>
    /// <param name="bytes"><see cref="Frames.FrameBatch.RecordBytes"/> of the batch.</param>
    /// <returns>False, and nothing taken, if there is none.</returns>
    public bool TryTake(int bytes)
    {
        if (TryAdd(bytes))
            return true;

        // Said before looking again: what is given back from now on is seen here, or there it is seen that somebody was refused.
        Interlocked.Exchange(ref _wasRefused, 1);
        return TryAdd(bytes);
    }

    /// <summary>Gives room back, once the receiver has dealt with a batch.</summary>
    /// <returns>True if somebody was refused since this was last true, and half of the window is free now.</returns>
    public bool Give(int bytes)
    {
        long used = Interlocked.Add(ref _used, -bytes);
        return Volatile.Read(ref _wasRefused) != 0 && used <= capacity / 2 && Interlocked.Exchange(ref _wasRefused, 0) != 0;
    }

    private bool TryAdd(int bytes)
    {
        while (true)
        {
            long used = Volatile.Read(ref _used);
            if (used != 0 && used + bytes > capacity)
                return false;
            if (Interlocked.CompareExchange(ref _used, used + bytes, used) == used)
                return true;
        }
    }
}
