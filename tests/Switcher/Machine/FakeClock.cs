// Time that stands still until a test moves it, or that moves a fixed step with each look.
using Lguest.Machine;

namespace Lguest.Switcher.Tests.Machine;

internal sealed class FakeClock : IHostClock
{
    /// <summary>Looks that no test needs: one whose Guest has lost its way ends here, where time that stands still would never end its
    /// slice.</summary>
    private const int MostLooks = 100_000;

    private long _now = 5_000_000_000;
    private int _looks;

    /// <summary>Nanoseconds that pass with each look at the monotonic clock.</summary>
    public long Step { get; set; }

    /// <summary>What else happens at each look.</summary>
    public Action? Look { get; set; }

    public Nanoseconds Monotonic
    {
        get
        {
            if (++_looks > MostLooks)
                throw new InvalidOperationException("the Guest neither ends nor does anything else that this test waits for");
            Look?.Invoke();
            return new(Interlocked.Add(ref _now, Step));
        }
    }

    public Nanoseconds Wall { get; set; } = new((1_700_000_000L * Nanoseconds.PerSecond) + 123_456_789);

    public void Advance(long nanoseconds) => Interlocked.Add(ref _now, nanoseconds);
}
