// One command under Linux, or all of them in one number.

using System.Globalization;

namespace Lguest.Bench.Comparing;

/// <summary>How many times faster a Linux Guest does its work on the translator than on the interpreter.</summary>
/// <param name="name">One of <see cref="ShellWork.All"/>; null for the geometric mean of all.</param>
internal sealed class EngineLinux(string? name) : IBenchmark
{
    public string Name => $"engines under Linux: {name ?? "geometric mean of these commands"}";

    public Target Target { get; } = Target.AtLeast(1, "x");

    public Measurement Run()
    {
        if (LinuxWork.Problem is { } problem)
            return Measurement.Unavailable(problem);
        var all = LinuxWork.All;
        if (name is null)
        {
            double[] overQemu = [.. all.Values.Select(work => work.OverQemu).OfType<double>()];
            return Measurement.Of(
                all.Values.Select(work => work.Gain).GeometricMean(),
                $"translator to interpreter; {Qemu(overQemu.Length == 0 ? null : overQemu.GeometricMean())}");
        }

        var own = all[name];
        string times = string.Create(
            CultureInfo.InvariantCulture, $"interpreter {own.Interpreter:F2} s, translator {own.Translator:F2} s");
        return Measurement.Of(
            own.Gain,
            times + (own.Qemu is { } qemu ? string.Create(CultureInfo.InvariantCulture, $", qemu {qemu:F2} s; ") : "; ")
                + Qemu(own.OverQemu));
    }

    private static string Qemu(double? ratio) => ratio is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"translator {known:F2} x the speed of qemu's TCG")
        : LinuxWork.NoQemu;
}
