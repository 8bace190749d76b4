// Time that stands still until a test moves it, or that moves a fixed step with each look.
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Tests.Machine;

internal sealed class FakeClock : IHostClock
{
    private long _now = 5_000_000_000;

    /// <summary>Nanoseconds that pass with each look at the monotonic clock.</summary>
    public long Step { get; set; }

    /// <summary>What else happens at each look.</summary>
    public Action? Look { get; set; }

    public long Monotonic
    {
        get
        {
            Look?.Invoke();
            return Interlocked.Add(ref _now, Step);
        }
    }

    public long Wall { get; set; } = (1_700_000_000L * 1_000_000_000) + 123_456_789;

    public void Advance(long nanoseconds) => Interlocked.Add(ref _now, nanoseconds);
}
