// Limits the frames under way to another node, whose network may be slower than the Guests and whose mailbox has no limit. A lan counts
// frames that the other has not acknowledged and drops those beyond the limit, as a switch with a full uplink does.
//
//J:Net:130 Frames to another node
// All frames that a node's Guests send to another node while the Lan's mailbox is not empty go there in one message, up to 64 KiB; when the
// mailbox has run empty nothing waits for company. Each frame has a number, and the other Lan says which it has seen when it is asked.
// Messages may be lost with a connection; then their acknowledgement never comes, and a window that stays full would close the lan for
// good. So a window that has stood full for some time is taken for lost, and opened again.

namespace Lguest.Net.Lans;

/// <summary>What is under way to one other node. Times are nanoseconds.</summary>
/// <param name="capacity">Bytes; one message passes even if it is larger, when nothing else is under way.</param>
/// <param name="patience">How long an acknowledgement may be missing while the window is full.</param>
internal sealed class PeerWindow(long capacity, long patience)
{
    private const int AsksPerWindow = 16;
    private readonly Queue<(long Sequence, int Bytes)> _sent = new();
    private long _used;
    private long _progress;
    private long _unasked;

    /// <summary>The number of the last frame that was let through; the first is 1.</summary>
    public long Sequence { get; private set; }

    /// <summary>The number of the last frame that was acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Bytes under way.</summary>
    public long Used => _used;

    /// <summary>Whether there is room for a message.</summary>
    public bool HasRoom(int bytes, long now)
    {
        if (_sent.Count == 0)
        {
            _progress = now;
            return true;
        }

        if (_used + bytes <= capacity)
            return true;
        if (now - _progress <= patience)
            return false;
        _sent.Clear();
        _used = 0;
        _progress = now;
        return true;
    }

    /// <summary>Whether the next message is to ask for an acknowledgement: not each does, since for a single frame the answer would cost
    /// as much as the frame.</summary>
    public bool Asks(int bytes) => _unasked + bytes >= capacity / AsksPerWindow;

    /// <summary>A message with so many frames is on its way; the last of them has the number <see cref="Sequence"/> now.</summary>
    public void Take(int bytes, int frames)
    {
        _unasked = Asks(bytes) ? 0 : _unasked + bytes;
        _used += bytes;
        Sequence += frames;
        _sent.Enqueue((Sequence, bytes));
    }

    /// <summary>The other has dealt with all frames up to this number.</summary>
    public void Received(long sequence, long now)
    {
        Acknowledged = Math.Clamp(sequence, Acknowledged, Sequence);
        while (_sent.TryPeek(out var first) && first.Sequence <= sequence)
        {
            _used -= _sent.Dequeue().Bytes;
            _progress = now;
        }
    }
}
