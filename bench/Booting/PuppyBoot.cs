// The embedded Guest kernel needs no file, so this boot can be measured anywhere: from the command to Puppy's prompt.

namespace Lguest.Bench.Booting;

/// <summary>Seconds from ./lguest 16 puppy to its prompt, the median of several runs.</summary>
internal sealed class PuppyBoot : IBenchmark
{
    private const int Runs = 5;

    public string Name => "boot of Puppy to its prompt";

    public Target Target { get; } = Target.AtMost(1, "s");

    public Measurement Run()
    {
        ShippedProgram.Prepare();
        double[] seconds = Enumerable.Range(0, Runs)
            .Select(_ => ShippedProgram.Run("puppy#", "poweroff\n", "16", "puppy").UntilMarker.TotalSeconds)
            .Order()
            .ToArray();
        return Measurement.Of(seconds[Runs / 2], FormattableString.Invariant($"median of {Runs}; the slowest {seconds[^1]:F2} s"));
    }
}
