// A token bucket: limits the average bytes per second and allows bursts. A user that is over the limit is told how long to wait.

namespace Lguest.Devices;

/// <summary>A token bucket that may go into debt. Time comes from the caller; several devices of one Guest may share one.</summary>
/// <param name="bytesPerSecond">The limit.</param>
internal sealed class TokenBucket(long bytesPerSecond)
{
    /// <summary>A pause collects allowance for this long and no longer.</summary>
    private static readonly TimeSpan _longestCredit = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private TimeSpan _paidUntil;

    public long BytesPerSecond => bytesPerSecond;

    /// <summary>Takes note of bytes that were moved.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="now">Any steadily running time, the same for all callers.</param>
    /// <returns>How long to rest before the next; zero if there is still allowance.</returns>
    public TimeSpan Spend(long bytes, TimeSpan now)
    {
        lock (_lock)
        {
            if (_paidUntil < now - _longestCredit)
                _paidUntil = now - _longestCredit;
            _paidUntil += TimeSpan.FromTicks((long)(bytes * (double)TimeSpan.TicksPerSecond / bytesPerSecond));
            return _paidUntil > now ? _paidUntil - now : TimeSpan.Zero;
        }
    }
}
