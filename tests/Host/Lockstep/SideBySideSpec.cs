// The product's own comparison of the engines, on whole lives: Puppy's, with LGUEST_KERNELS a session on each kernel, and with
// LGUEST_DEBIAN one on Debian's. A difference ends the Guest with what differs and the code, and that is what this test would show.
// LGUEST_SOAK_MINUTES lets all of them live again and again.

using System.Diagnostics;
using Lguest.Devices;
using Lguest.Guest.Cpu;
using Lguest.Host.Tests.Kernels;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Lguest.Switcher.Slots;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Lockstep;

public sealed class SideBySideSpec
{
    private const long Stride = 10_000_000;
    private const string Prompt = "/ # ";
    private const int Boot = 300; // seconds; half a minute on a machine that does nothing else

    private static readonly string[] _puppies = ["puppy", "puppy1"], _flavours = ["686", "686-pae"];
    private readonly ITestOutputHelper _report;

    public SideBySideSpec(ITestOutputHelper report)
    {
        _report = report;
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
    }

    public static TheoryData<string> Puppies => [.. _puppies];

    public static TheoryData<string> Kernels => SameMachineSpec.Kernels;

    public static TheoryData<string> Flavours => [.. _flavours];

    [SkippableTheory, MemberData(nameof(Puppies))]
    public void Puppy_lives_on_both_engines_side_by_side(string kernel) =>
        Live(new LauncherOptions(8, kernel, ["script=ps; forktest 4; crash null; crash div; sleep 0.25 &; crash fpu; wait"], []),
            ["help", "ps", "poweroff"], "ps");

    [SkippableTheory, MemberData(nameof(Kernels))]
    public void A_kernel_lives_on_both_engines_side_by_side(string kernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        Live(new LauncherOptions(32, Path.Combine(folder, kernel), ["console=hvc0"], [], Path.Combine(folder, "initrd.gz")),
            ["seq 1 3000 | md5sum", "echo '2 ^ 100' | bc; awk 'BEGIN {print sin(1)}'", "/bin/true; sleep 1; ps", "poweroff -f"],
            "1267650600228229401496703205376");
    }

    [SkippableTheory, MemberData(nameof(Flavours))]
    public async Task A_stock_kernel_lives_on_both_engines_side_by_side(string kernel)
    {
        var options = DebianSpec.Options(kernel, [new DeviceOption.Rng()]);
        await using LauncherNode rack = new(EngineKind.Lockstep);
        var guest = rack.Boot("pc", options);
        guest.Expect(Prompt, Boot);
        guest.Shell("seq 1 3000 | md5sum", Boot).ShouldContain("ee9762749fc5");
        guest.Shell("ls -lR /sys/bus | gzip | gunzip | wc -l", Boot);
        guest.Type("poweroff -f");
        var outcome = await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot));
        outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        outcome.Statistics.ShouldNotBeNull().Engine.ShouldBe(EngineKind.Lockstep);
    }

    [SkippableFact]
    public async Task Lives_that_are_lived_again_and_again_differ_nowhere()
    {
        double minutes = SoakTime.Minutes();
        string folder = KernelFolder.With("initrd.gz");
        var lives = new List<Func<Task>>();
        foreach (string puppy in _puppies)
            lives.Add(() => Task.Run(() => Puppy_lives_on_both_engines_side_by_side(puppy)));
        foreach (string kernel in Directory.GetFiles(folder, "vmlinux-*").Select(file => Path.GetFileName(file)).Order())
            lives.Add(() => Task.Run(() => A_kernel_lives_on_both_engines_side_by_side(kernel)));
        if (DebianSpec.Folder is not null)
            lives.AddRange(_flavours.Select(flavour => (Func<Task>)(() => A_stock_kernel_lives_on_both_engines_side_by_side(flavour))));

        var watch = Stopwatch.StartNew();
        int lived = 0;
        for (; watch.Elapsed.TotalMinutes < minutes; lived++)
            await lives[lived % lives.Count]();
        _report.WriteLine($"{lived} lives of {lives.Count} kinds in {watch.Elapsed.TotalMinutes:f1} minutes");
    }

    private static void Live(LauncherOptions options, string[] lines, string printed)
    {
        var run = MarkedRun.Of(options, lines, Stride, EngineKind.Lockstep);
        run.End.ShouldBeOfType<GuestEnd.PowerOff>(run.End + run.Output);
        run.Output.ShouldContain(printed);
    }
}
