// Real kernels are not part of the source tree. A machine that has some names their folder in LGUEST_KERNELS, the same as for the tests:
// files vmlinux-*, and an initrd.gz whose init prints LGUEST-SHELL-READY when its shell stands and powers off when told autooff.

namespace Lguest.Bench.Booting;

/// <summary>The kernels of LGUEST_KERNELS.</summary>
internal static class Kernels
{
    private const string Variable = "LGUEST_KERNELS";
    private const int Runs = 5;

    public const string Missing = $"not measured: set {Variable} to a folder with vmlinux-* and initrd.gz";

    /// <summary>The initial RAM disk; only where there are kernels.</summary>
    public static string Initrd => Path.Combine(Folder!, "initrd.gz");

    private static string? Folder => Environment.GetEnvironmentVariable(Variable) is { } folder && Directory.Exists(folder) ? folder : null;

    /// <summary>The kernels that have virtio's network cards: all but Linux 2.6.23.</summary>
    public static IEnumerable<string> WithVirtio() => All().Where(kernel => NameOf(kernel) != "2.6.23");

    /// <summary>What a kernel's file is called after vmlinux-.</summary>
    public static string NameOf(string kernel) => Path.GetFileName(kernel)["vmlinux-".Length..];

    /// <summary>Boots each kernel several times and hands on, for the worst of them, the median of what is asked for; null if there is no
    /// kernel.</summary>
    /// <param name="figure">What is asked for.</param>
    /// <param name="isWorse">Whether the first of two figures is the worse one.</param>
    public static (double Figure, string Remark)? Worst(Func<ShippedProgram.Result, double> figure, Func<double, double, bool> isWorse)
    {
        if (Folder is null)
            return null;
        ShippedProgram.Prepare();
        (double Figure, string Remark)? worst = null;
        var all = new List<string>();
        foreach (string kernel in All())
        {
            double[] figures = Enumerable.Range(0, Runs)
                .Select(_ => figure(Boot(kernel)))
                .Order()
                .ToArray();
            double median = figures[Runs / 2];
            all.Add(FormattableString.Invariant($"{NameOf(kernel)}: {median:F2}"));
            if (worst is not { } known || isWorse(median, known.Figure))
                worst = (median, "");
        }

        return worst is { } found ? (found.Figure, $"the worst of {string.Join(", ", all)} (medians of {Runs})") : null;
    }

    /// <summary>The program as shipped boots a kernel to its shell and powers it off.</summary>
    public static ShippedProgram.Result Boot(string kernel, params string[] options) => ShippedProgram.Run(
        "LGUEST-SHELL-READY", "", [.. options, $"--initrd={Initrd}", "64", kernel, "console=hvc0", "autooff"]);

    /// <summary>Their paths; none where the variable names no folder.</summary>
    public static IEnumerable<string> All() => Folder is { } folder ? Directory.GetFiles(folder, "vmlinux-*").Order() : [];
}
