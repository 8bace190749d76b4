// The clocks of the machine that we run on, for the pure core that has none.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lguest.Machine.Actors;

/// <summary>The operating system's monotonic and wall clocks. Any thread.</summary>
public sealed partial class SystemClock : IHostClock
{
    /// <summary>For those who are not handed another.</summary>
    public static SystemClock Instance { get; } = new();

    private static readonly double _nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    // On most systems a tick of Stopwatch is a nanosecond, and then nothing has to be multiplied.
    private static readonly bool _ticksAreNanoseconds = Stopwatch.Frequency == 1_000_000_000;

    public Nanoseconds Monotonic =>
        new(_ticksAreNanoseconds ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * _nanosecondsPerTick));

    public Nanoseconds Processor => OperatingSystem.IsLinux() && GetTime(ThreadTime, out var time) == 0
        ? new((time.Seconds * Nanoseconds.PerSecond) + time.Nanoseconds) : Monotonic;

    public Nanoseconds Wall => Nanoseconds.Of(DateTime.UtcNow - DateTime.UnixEpoch);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private const int ThreadTime = 3; // CLOCK_THREAD_CPUTIME_ID

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        private readonly nint _seconds;
        private readonly nint _nanoseconds;

        public readonly long Seconds => _seconds;

        public readonly long Nanoseconds => _nanoseconds;
    }
}
