// The clock input of the 8254 against Guest time. Both directions are exact in whole numbers, so a timer neither drifts against Guest time
// nor fires a nanosecond before the count that it was set to.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>Ticks of 1.193182 MHz, counted from Guest time 0.</summary>
public static class TimerClock
{
    /// <summary>Ticks in a second; the kernel's PIT_TICK_RATE.</summary>
    public const long Rate = 1_193_182;

    private const long Second = Nanoseconds.PerSecond;

    /// <summary>The number of ticks up to a time.</summary>
    /// <param name="now">Nanoseconds, 0 or more.</param>
    public static long TicksAt(long now) => (now / Second * Rate) + (now % Second * Rate / Second);

    /// <summary>The first nanosecond at which that many ticks have come; <see cref="long.MaxValue"/> if that is beyond what a long
    /// holds.</summary>
    public static long TimeOf(long ticks)
    {
        var (seconds, rest) = Math.DivRem(ticks, Rate);
        return seconds >= long.MaxValue / Second ? long.MaxValue : (seconds * Second) + (((rest * Second) + Rate - 1) / Rate);
    }
}
