// A boot is the hardest work for an interpreter: nearly every instruction is met for the first time. The figure is taken over the time that
// the Guest has the processor, decoding and every fault and hypercall that is settled on its slot included, by the wall clock: a busy host
// lowers it.

namespace Lguest.Bench.Booting;

/// <summary>Guest instructions a second over the boot and power-off of the kernel at hand that does worst.</summary>
internal sealed class KernelBootInstructions : IBenchmark
{
    public string Name => "Guest instructions over a kernel's boot";

    public Target Target { get; } = Target.AtLeast(80, "million/s");

    public Measurement Run() => Kernels.Worst(result => result.Rate, (one, other) => one < other) is { } worst
        ? Measurement.Of(worst.Figure, worst.Remark)
        : Measurement.Unavailable(Kernels.Missing);
}
