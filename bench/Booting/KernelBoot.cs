// How long somebody waits for the shell of a Linux Guest, from the moment the command is given.

namespace Lguest.Bench.Booting;

/// <summary>Seconds from ./lguest to the shell of the slowest kernel at hand.</summary>
internal sealed class KernelBoot : IBenchmark
{
    public string Name => "boot of a Linux kernel to its shell";

    public Target Target { get; } = Target.AtMost(5, "s");

    public Measurement Run() => Kernels.Worst(result => result.UntilMarker.TotalSeconds, (one, other) => one > other) is { } worst
        ? Measurement.Of(worst.Figure, worst.Remark)
        : Measurement.Unavailable(Kernels.Missing);
}
