// The pure core has no clock of its own. This is what it asks of the world when a Guest lives in real time.
namespace Lguest.Switcher.Time;

/// <summary>Two clocks of the Host. Any thread.</summary>
public interface IHostClock
{
    /// <summary>Nanoseconds since some fixed moment; never goes back.</summary>
    long Monotonic { get; }

    /// <summary>Nanoseconds since 1970-01-01T00:00:00Z.</summary>
    long Wall { get; }
}
