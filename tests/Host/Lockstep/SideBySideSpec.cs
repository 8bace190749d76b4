// The product's own comparison of the engines, on whole lives: Puppy's, and with LGUEST_KERNELS a session on each kernel. A difference ends
// the Guest with what differs and the code, and that is what this test would show.

using Lguest.Guest.Cpu;
using Lguest.Host.Tests.Kernels;
using Lguest.Launcher;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Tests.Lockstep;

public sealed class SideBySideSpec
{
    private const long Stride = 10_000_000;

    public SideBySideSpec() => Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");

    public static TheoryData<string> Kernels => SameMachineSpec.Kernels;

    [SkippableTheory]
    [InlineData("puppy")]
    [InlineData("puppy1")]
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

    private static void Live(LauncherOptions options, string[] lines, string printed)
    {
        var run = MarkedRun.Of(options, lines, Stride, EngineKind.Lockstep);
        run.End.ShouldBeOfType<GuestEnd.PowerOff>(run.End + run.Output);
        run.Output.ShouldContain(printed);
    }
}
