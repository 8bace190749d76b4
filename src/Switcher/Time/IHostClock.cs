// The pure core has no clock of its own. This is what it asks of the world when a Guest lives in real time or has a share of the processor.
namespace Lguest.Switcher.Time;

/// <summary>The clocks of the Host. Any thread.</summary>
public interface IHostClock
{
    /// <summary>Nanoseconds since some fixed moment; never goes back.</summary>
    long Monotonic { get; }

    /// <summary>Nanoseconds of processor time that the calling thread has had. Where nobody counts them, as on some hosts, the time that
    /// has passed.</summary>
    long Processor => Monotonic;

    /// <summary>Nanoseconds since 1970-01-01T00:00:00Z.</summary>
    long Wall { get; }
}
