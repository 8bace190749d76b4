// The clock by which links delay frames: the monotonic clock that a Guest in real time lives by, in nanoseconds. The pure core gets its readings as
// parameters.

using System.Diagnostics;

namespace Lguest.Net.Lans.Actors;

/// <summary>The operating system's monotonic clock, the same as that of the Switcher. Any thread.</summary>
public static class LanClock
{
    private static readonly double _nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    // On most systems a tick of Stopwatch is a nanosecond, and then nothing has to be multiplied.
    private static readonly bool _ticksAreNanoseconds = Stopwatch.Frequency == 1_000_000_000;

    /// <summary>Nanoseconds since some fixed moment.</summary>
    public static long Now => _ticksAreNanoseconds ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * _nanosecondsPerTick);
}
