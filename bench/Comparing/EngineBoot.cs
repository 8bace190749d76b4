// A boot is where a translator has least to win: most code runs a few times only. What somebody waits is measured, so by the wall clock.

using System.Globalization;
using Lguest.Bench.Booting;
using Lguest.Guest.Cpu;

namespace Lguest.Bench.Comparing;

/// <summary>From ./lguest to the shell of a Linux kernel: how many times faster with the translator, for the kernel that gains
/// least.</summary>
internal sealed class EngineBoot : IBenchmark
{
    private const int Turns = 5;

    public string Name => "engines: from the command to a Linux shell";

    public Target Target { get; } = Target.AtLeast(0.9, "x");

    public Measurement Run()
    {
        if (Engines.TranslatorProblem is { } problem)
            return Measurement.Unavailable($"no translator here: {problem}");
        string[] kernels = [.. Kernels.All()];
        if (kernels.Length == 0)
            return Measurement.Unavailable(Kernels.Missing);
        ShippedProgram.Prepare();
        var found = kernels.Select(Compare).ToArray();
        return Measurement.Of(
            found.Min(kernel => kernel.Gain),
            $"interpreter and translator, {string.Join("; ", found.Select(kernel => kernel.Remark))} (medians of {Turns})");
    }

    private static (double Gain, string Remark) Compare(string kernel)
    {
        var turns = Enumerable.Range(0, Turns)
            .Select(_ => (Slow: Seconds(kernel, "interpreter"), Fast: Seconds(kernel, "translator")))
            .ToArray();
        double slow = turns.Select(turn => turn.Slow).Median();
        double fast = turns.Select(turn => turn.Fast).Median();
        return (
            turns.Select(turn => turn.Slow / turn.Fast).Median(),
            string.Create(CultureInfo.InvariantCulture, $"{Kernels.NameOf(kernel)}: {slow:F2} and {fast:F2} s"));
    }

    private static double Seconds(string kernel, string engine) =>
        Kernels.Boot(kernel, $"--engine={engine}").UntilMarker.TotalSeconds;
}
