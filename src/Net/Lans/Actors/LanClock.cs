// The clock of a link's delays: the monotonic clock, in nanoseconds. The pure core gets its readings as parameters.

using System.Diagnostics;

namespace Lguest.Net.Lans.Actors;

/// <summary>The operating system's monotonic clock, the same as that of the Switcher. Any thread.</summary>
public static class LanClock
{
    private const long NanosecondsPerTick = 100;
    private static readonly double _nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    // On most systems a tick of Stopwatch is a nanosecond, and then nothing has to be multiplied.
    private static readonly bool _ticksAreNanoseconds = Stopwatch.Frequency == 1_000_000_000;

    /// <summary>Nanoseconds since some fixed moment.</summary>
    public static long Now => _ticksAreNanoseconds ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * _nanosecondsPerTick);

    /// <summary>What is to be added to <see cref="Now"/> for nanoseconds since 1970-01-01T00:00:00Z, as long as nobody sets the wall
    /// clock.</summary>
    public static long WallOffset()
    {
        // Two clocks cannot be read at once. Of a few tries the one that took the shortest is the best.
        long offset = 0, shortest = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = Now;
            long wall = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * NanosecondsPerTick;
            long took = Now - before;
            if (took >= shortest)
                continue;
            shortest = took;
            offset = wall - before - took / 2;
        }

        return offset;
    }
}
