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
        return name is null
            ? Measurement.Of(all.Values.Select(work => work.Gain).GeometricMean(), "translator to interpreter; "
                + Qemu(all.Values.All(work => work.OverQemu is not null) ? all.Values.Select(work => work.OverQemu!.Value).GeometricMean() : null))
            : Measurement.Of(all[name].Gain, string.Create(
                CultureInfo.InvariantCulture,
                $"interpreter {all[name].Interpreter:F2} s, translator {all[name].Translator:F2} s, ")
                    + (all[name].Qemu is { } qemu ? string.Create(CultureInfo.InvariantCulture, $"qemu {qemu:F2} s; ") : "")
                    + Qemu(all[name].OverQemu));
    }

    private static string Qemu(double? ratio) => ratio is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"translator {known:F2} x the speed of qemu's TCG")
        : LinuxWork.NoQemu;
}
