// The unit of all time here. .NET counts in ticks of 100 of them, operating systems in milliseconds; where such a number comes in or goes
// out it passes here, so that the factor is written once.
namespace Lguest.Machine;

/// <summary>A span of time.</summary>
/// <param name="Count">How many.</param>
public readonly record struct Nanoseconds(long Count)
{
    public const long PerMillisecond = 1_000_000;
    public const long PerSecond = 1_000_000_000;

    /// <summary>A span of .NET's.</summary>
    public static Nanoseconds Of(TimeSpan span) => new(span.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>The same as a span of .NET's, which is rounded down to its ticks.</summary>
    public TimeSpan Span => new(Count / TimeSpan.NanosecondsPerTick);

    /// <summary>The moment that is this long after 1970-01-01T00:00:00Z.</summary>
    public DateTimeOffset SinceEpoch => DateTimeOffset.UnixEpoch + Span;

    /// <summary>Whole milliseconds.</summary>
    public long Milliseconds => Count / PerMillisecond;

    public static implicit operator long(Nanoseconds span) => span.Count;
}
