// The last so many intervals between heartbeats, with their sums kept up to date, so that mean and deviation cost nothing to ask for.

namespace Akka.Remote;

/// <summary>Intervals in milliseconds, oldest first; not thread-safe.</summary>
internal sealed class HeartbeatHistory
{
    private readonly long[] _ring;
    private int _next;
    private int _count;
    private long _sum;
    private double _squares;

    internal HeartbeatHistory(int maxSampleSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSampleSize, 1);
        _ring = new long[maxSampleSize];
    }

    internal double Mean => (double)_sum / _count;

    internal double StdDeviation => Math.Sqrt(Math.Max(0, _squares / _count - Mean * Mean));

    internal void Add(long interval)
    {
        if (_count == _ring.Length)
        {
            var oldest = _ring[_next];
            _sum -= oldest;
            _squares -= (double)oldest * oldest;
        }
        else
        {
            _count++;
        }

        _ring[_next] = interval;
        _next = (_next + 1) % _ring.Length;
        _sum += interval;
        _squares += (double)interval * interval;
    }
}
