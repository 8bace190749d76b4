// Between nodes there is a network that may be slower than the Guests, and a mailbox on the way that has no limit. So a Lan counts what the other has not
// acknowledged, and drops what would be too much, as a switch does whose uplink is full.
//
//J:Net:130 Frames to another node
// All frames that a node's Guests send to another node while the Lan's mailbox is not empty go there in one message, up to 64 KiB; when the mailbox has run
// empty nothing waits for company. Each message has a number, and the other Lan says now and then which it has seen. Messages may be lost with a
// connection; then their acknowledgement never comes, and a window that stays full would close the lan for good. So a window that has stood full for some
// time is taken for lost, and opened again.

namespace Lguest.Net.Lans;

/// <summary>What is under way to one other node. Times are nanoseconds.</summary>
/// <param name="capacity">Bytes; one message passes even if it is larger, when nothing else is under way.</param>
/// <param name="patience">How long an acknowledgement may be missing while the window is full.</param>
internal sealed class PeerWindow(long capacity, long patience)
{
    private readonly Queue<(long Sequence, int Bytes)> _sent = new();
    private long _used;
    private long _progress;

    /// <summary>The number of the last message that was let through; the first is 1.</summary>
    public long Sequence { get; private set; }

    /// <summary>Bytes under way.</summary>
    public long Used => _used;

    /// <summary>Takes room for a message, which then has the number <see cref="Sequence"/>.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryTake(int bytes, long now)
    {
        if (_sent.Count == 0)
            _progress = now;
        else if (_used + bytes > capacity)
        {
            if (now - _progress <= patience)
                return false;
            _sent.Clear();
            _used = 0;
            _progress = now;
        }

        _used += bytes;
        _sent.Enqueue((++Sequence, bytes));
        return true;
    }

    /// <summary>The other has dealt with all messages up to this number.</summary>
    public void Received(long sequence, long now)
    {
        while (_sent.TryPeek(out var first) && first.Sequence <= sequence)
        {
            _used -= _sent.Dequeue().Bytes;
            _progress = now;
        }
    }
}
