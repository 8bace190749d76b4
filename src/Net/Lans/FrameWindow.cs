// Mailboxes have no limit, so frames on their way from one actor to another are counted: who sends asks whether there is room, who has dealt with
// them says so. A counter suffices, and it is the one thing that a Nic and its Lan share.

namespace Lguest.Net.Lans;

/// <summary>How many bytes are under way from one actor to another. Any thread.</summary>
/// <param name="capacity">Bytes; one batch passes even if it is larger, when nothing else is under way.</param>
public sealed class FrameWindow(int capacity)
{
    private long _used;

    /// <summary>Bytes under way.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Takes room for a batch, before it is sent.</summary>
    /// <param name="bytes"><see cref="Frames.FrameBatch.RecordBytes"/> of the batch.</param>
    /// <returns>False, and nothing taken, if there is none.</returns>
    public bool TryTake(int bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        if (used <= capacity || used == bytes)
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>Gives room back, once the receiver has dealt with a batch.</summary>
    /// <returns>True if more than half of the window is free now and was not before.</returns>
    public bool Give(int bytes)
    {
        var used = Interlocked.Add(ref _used, -bytes);
        return used <= capacity / 2 && used + bytes > capacity / 2;
    }
}
