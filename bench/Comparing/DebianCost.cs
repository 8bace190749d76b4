// The kernel of a distribution is several times as large as one that is made for lguest, and needs more memory while it starts. What counts
// in a rack is what it keeps.

using System.Globalization;
using Lguest.Bench.Booting;

namespace Lguest.Bench.Comparing;

/// <summary>Megabytes of the engine of a Guest with a Debian kernel that has rested at its shell and then been switched off.</summary>
internal sealed class DebianCost : IBenchmark
{
    private const int Runs = 3;
    private const int Megabytes = 256;
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(3);

    public string Name => "engines: memory of a Debian Guest beside its own, after a rest at its shell";

    public Target Target { get; } = Target.AtMost(8, "MB");

    public Measurement Run()
    {
        if (!DebianKernels.AreHere)
            return Measurement.Unavailable(DebianKernels.Missing);
        ShippedProgram.Prepare();
        var found = DebianKernels.Flavours.Select(flavour => (Flavour: flavour, Runs: Enumerable.Range(0, Runs)
            .Select(_ => ShippedProgram.RunThenRest(DebianKernels.Prompt, _rest, "poweroff -f\n",
                "--rng", $"--initrd={DebianKernels.Initrd(flavour)}", $"{Megabytes}", DebianKernels.Kernel(flavour)))
            .ToList())).ToList();
        string remarks = string.Join(", ", found.Select(kernel => string.Create(CultureInfo.InvariantCulture,
            $"{kernel.Flavour}: {Kept(kernel.Runs):F2}, {kernel.Runs.Max(run => run.MostEngineBytes) / 1e6:F1} while it started")));
        return Measurement.Of(found.Max(kernel => Kept(kernel.Runs)), $"the most of {Runs} runs: {remarks}");
    }

    private static double Kept(IEnumerable<ShippedProgram.Result> runs) => runs.Max(run => run.EngineBytes) / 1e6;
}
