// A rack has many Guests: what each takes beside its own memory counts as often. That is what its engine has decoded and translated, and
// the tables for it; the most that it may be is a setting.

using Lguest.Bench.Booting;

namespace Lguest.Bench.Comparing;

/// <summary>Megabytes of a Guest's engine until its shell, at most, for the lguest kernel that needs most.</summary>
internal sealed class EngineCost : IBenchmark
{
    public string Name => "engines: memory of a Guest at its shell beside its own";

    public Target Target { get; } = Target.AtMost(8, "MB");

    public Measurement Run() => Kernels.Worst(result => result.MostEngineBytes / 1e6, (one, other) => one > other) is { } worst
        ? Measurement.Of(worst.Figure, worst.Remark)
        : Measurement.Unavailable(Kernels.Missing);
}
