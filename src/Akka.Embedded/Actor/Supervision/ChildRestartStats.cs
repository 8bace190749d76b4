// How often a child has been restarted, and since when, so that a limit can be kept.

namespace Akka.Actor;

public sealed class ChildRestartStats(IInternalActorRef child)
{
    private long _windowStart;

    public IInternalActorRef Child { get; } = child;
    public long Uid => Child.Path.Uid;
    public int MaxNrOfRetriesCount { get; private set; }

    /// <summary>Counts one restart and says whether it is still within the limit. Negative retries mean any number; a window of 0 or less, for ever.</summary>
    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0) return false;
        if (withinTimeMilliseconds > 0) return InWindow(maxNrOfRetries > 0 ? maxNrOfRetries : 1, withinTimeMilliseconds);
        if (maxNrOfRetries < 0) return true;
        return ++MaxNrOfRetriesCount <= maxNrOfRetries;
    }

    private bool InWindow(int retries, int window)
    {
        var now = Environment.TickCount64;
        if (_windowStart == 0) _windowStart = now;
        if (now - _windowStart <= window) return ++MaxNrOfRetriesCount <= retries;
        MaxNrOfRetriesCount = 1;
        _windowStart = now;
        return true;
    }
}
