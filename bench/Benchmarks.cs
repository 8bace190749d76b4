// Every benchmark there is, in the order of the table: the one list to which a new one is added.

using Lguest.Bench.Actors;

namespace Lguest.Bench;

/// <summary>The visible list of all benchmarks.</summary>
internal static class Benchmarks
{
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new TellRoundTrip(),
        new TellAllocation(),
    ];
}
