// The clocks of the machine that we run on, for the pure core that has none.
using System.Diagnostics;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Actors;

/// <summary>The operating system's monotonic and wall clocks. Any thread.</summary>
public sealed class SystemClock : IHostClock
{
    private static readonly double _nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    // On most systems a tick of Stopwatch is a nanosecond, and then nothing has to be multiplied.
    private static readonly bool _ticksAreNanoseconds = Stopwatch.Frequency == 1_000_000_000;

    public long Monotonic => _ticksAreNanoseconds ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * _nanosecondsPerTick);

    public long Wall => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
}
