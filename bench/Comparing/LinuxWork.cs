// What the translator is worth for programs under Linux. A Guest on each engine does the same commands in turn; since the other one idles
// meanwhile, the processor time of this process is that of the command, with the Guest's kernel, the Switcher, the console and the
// translating in it. Where qemu is at hand it does the same with the same kernel, and its processor time is taken in the same way. That
// kernel is then on a whole PC of its own, in ring 0 and with page tables that nobody shadows: for commands that compute this is a
// comparison of translators, for those that start processes one of two ways to make a machine.

using System.Text.RegularExpressions;
using Lguest.Bench.Booting;
using Lguest.Bench.Net;
using Lguest.Guest.Cpu;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Bench.Comparing;

/// <summary>Medians of a command of <see cref="ShellWork"/>.</summary>
/// <param name="Interpreter">Seconds of processor time.</param>
/// <param name="Translator">The same.</param>
/// <param name="Qemu">The same; null where there is no qemu.</param>
/// <param name="Gain">How many times faster the translator was than the interpreter, round by round.</param>
/// <param name="OverQemu">How many times qemu's time for it was the translator's, round by round.</param>
internal sealed partial record LinuxWork(double Interpreter, double Translator, double? Qemu, double Gain, double? OverQemu)
{
    private const int Rounds = 3;
    private const string Kernel = "3.11";
    private static IReadOnlyDictionary<string, LinuxWork>? _all;

    /// <summary>Why it cannot be measured here; null if it can.</summary>
    public static string? Problem => Engines.TranslatorProblem is { } problem ? $"no translator here: {problem}"
        : Path() is null ? $"{Kernels.Missing} (vmlinux-{Kernel} among them)"
        : null;

    /// <summary>Why there is no figure of qemu's; empty if there is.</summary>
    public static string NoQemu { get; private set; } = "";

    /// <summary>All commands, measured together and once.</summary>
    public static IReadOnlyDictionary<string, LinuxWork> All => _all ??= Measure(Path()!);

    private static string? Path() => Kernels.All().FirstOrDefault(kernel => Kernels.NameOf(kernel) == Kernel);

    private static Dictionary<string, LinuxWork> Measure(string kernel)
    {
        using var log = ProgramLog.Create(verbose: false);
        var slow = new OneNode(log, engine: EngineKind.Interpreter);
        var fast = new OneNode(log, engine: EngineKind.Translator);
        var peer = StartQemu(kernel);
        double[][] interpreter = new double[Rounds][];
        double[][] translator = new double[Rounds][];
        double[][]? qemu = peer is null ? null : new double[Rounds][];
        try
        {
            ShellGuest[] guests = [Boot(slow, kernel), Boot(fast, kernel)];
            Check(guests);
            for (int round = -1; round < Rounds; round++)
            {
                double[][] took = ShellWork.All
                    .Select(work => (double[])[.. guests.Select(guest => Took(guest, work.Command)), peer?.Next() ?? 0])
                    .ToArray();
                if (round < 0)
                    continue;
                (interpreter[round], translator[round]) = ([.. took.Select(all => all[0])], [.. took.Select(all => all[1])]);
                qemu?[round] = [.. took.Select(all => all[2])];
            }

            foreach (var guest in guests)
            {
                guest.Type("poweroff -f");
                guest.End();
            }
        }
        finally
        {
            peer?.Dispose();
            slow.DisposeAsync().AsTask().Wait();
            fast.DisposeAsync().AsTask().Wait();
        }

        return ShellWork.All.Select((work, i) => (work.Name, new LinuxWork(
            interpreter.Select(round => round[i]).Median(),
            translator.Select(round => round[i]).Median(),
            qemu?.Select(round => round[i]).Median(),
            interpreter.Zip(translator, (one, other) => one[i] / other[i]).Median(),
            qemu?.Zip(translator, (one, other) => one[i] / other[i]).Median()))).ToDictionary();
    }

    /// <summary>Both have to come to the same sums, and to be served by their kernels.</summary>
    private static void Check(ShellGuest[] guests)
    {
        string[] sums = [.. guests.Select(guest => string.Join(' ', Sum().Matches(guest.Shell(ShellWork.Check))))];
        if (sums[0].Length == 0 || sums[0] != sums[1])
            throw new InvalidOperationException($"the interpreter's sums are {sums[0]}, the translator's {sums[1]}");
        foreach (var guest in guests)
        {
            string told = guest.Shell(ShellWork.CheckSystem);
            if (!told.Contains(ShellWork.Works, StringComparison.Ordinal))
                throw new InvalidOperationException($"a program was not served by its kernel: {told}");
        }
    }

    private static QemuPeer? StartQemu(string kernel)
    {
        if (!QemuPeer.IsHere)
        {
            NoQemu = "no qemu-system-i386 here";
            return null;
        }

        try
        {
            return QemuPeer.Start(kernel, Rounds + 1);
        }
        catch (Exception problem) when (problem is InvalidOperationException or AggregateException)
        {
            NoQemu = $"qemu did not do the work: {problem.Message}";
            return null;
        }
    }

    private static double Took(ShellGuest guest, string command)
    {
        var start = Environment.CpuUsage.TotalTime;
        guest.Shell(command);
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private static ShellGuest Boot(OneNode node, string kernel)
    {
        var programs = new MemoryStream();
        var archive = new CpioWriter(programs);
        SystemPrograms.AddTo(archive);
        archive.End();
        var guest = new ShellGuest(
            node,
            new LauncherOptions(64, kernel, ["console=hvc0"], [], Kernels.Initrd) { InitrdMore = programs.ToArray() });
        guest.Expect("LGUEST-SHELL-READY");
        guest.Shell(ShellWork.Prepare);
        return guest;
    }

    [GeneratedRegex("[0-9a-f]{32,64}")]
    private static partial Regex Sum();
}
