// What strangers can cause again and again must not fill the log: it is said once, and then how often it has happened since.

namespace Lguest.Net.Trunks;

/// <summary>Lines of one kind for a log, at most one in a period. Times are of any clock that does not go back. One thread at a time.
/// </summary>
/// <param name="period">The period.</param>
public sealed class RareLine(TimeSpan period)
{
    private TimeSpan? _said;
    private string _last = "";
    private long _unsaid;

    /// <summary>It has happened.</summary>
    /// <param name="line">What there is to say.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is to be said now; null for nothing yet.</returns>
    public string? Happened(string line, TimeSpan now)
    {
        _unsaid++;
        _last = line;
        return Due(now);
    }

    /// <summary>Time has passed.</summary>
    /// <returns>What is to be said now; null for nothing.</returns>
    public string? Due(TimeSpan now)
    {
        if (_unsaid == 0 || now - _said < period)
            return null;
        string line = _unsaid == 1 ? _last : $"{_last} (and {_unsaid - 1} more in {(now - _said)?.TotalSeconds:F0} s)";
        (_said, _unsaid) = (now, 0);
        return line;
    }
}
