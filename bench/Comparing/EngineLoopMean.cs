// All loops in one number. Ratios are averaged by their geometric mean, which comes to the same whichever engine is the denominator.

using System.Globalization;
using Lguest.Guest.Cpu;

namespace Lguest.Bench.Comparing;

/// <summary>The geometric mean of <see cref="EngineLoop"/> over all programs.</summary>
internal sealed class EngineLoopMean : IBenchmark
{
    public string Name => "engines: geometric mean of these loops";

    public Target Target { get; } = Target.AtLeast(2, "x");

    public Measurement Run()
    {
        if (Engines.TranslatorProblem is { } problem)
            return Measurement.Unavailable($"no translator here: {problem}");
        var all = EnginePrograms.All.Select(program => EngineLoop.Of(program.Name)).ToArray();
        double[] ofNative = [.. all.Select(found => found.OfNative).OfType<double>()];
        double[] windows = [.. all.Select(found => found.WindowsOfNative).OfType<double>()];
        return Measurement.Of(all.Select(found => found.Gain).GeometricMean(), "translator to interpreter"
            + (ofNative.Length == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture, $"; {ofNative.GeometricMean():P0} of the host over {ofNative.Length} loops"))
            + (windows.Length == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture, $", {windows.GeometricMean():P0} with windows")));
    }
}
