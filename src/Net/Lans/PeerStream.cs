// What a lan hears of the same lan on another node comes by two ways, by trunk or by remoting, and when the way changes the new may
// overtake the old. A number tells: what is older than what has been heard is dropped, so that no frame arrives twice or out of order, and
// what never came is counted.

namespace Lguest.Net.Lans;

/// <summary>The frames from one other node, in their order.</summary>
internal sealed class PeerStream
{
    private int _number;

    /// <summary>Which of the other lan's streams this is: it begins a new one each time it meets this node.</summary>
    public int Number => _number;

    /// <summary>The number of the last frame heard.</summary>
    public long Last { get; private set; }

    /// <summary>A batch has come.</summary>
    /// <param name="stream">The stream that it belongs to.</param>
    /// <param name="last">The number of its last frame.</param>
    /// <param name="count">Its frames.</param>
    /// <param name="lost">Frames before it that have not come, and now never will.</param>
    /// <returns>False if it comes too late, or its numbers make no sense: it is dropped, and nothing has changed. When later ones came
    /// before it, it was counted as lost.</returns>
    public bool TryAccept(int stream, long last, int count, out long lost)
    {
        lost = 0;
        long before = last - count;
        if (before < 0 || stream < _number || (stream == _number && before < Last))
            return false;
        if (stream != _number)
        {
            _number = stream;
            Last = 0;
        }

        lost = before - Last;
        Last = last;
        return true;
    }
}
