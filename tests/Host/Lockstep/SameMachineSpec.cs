// An engine is a way to execute a machine, not another machine: in virtual time, where nothing depends on the speed of the host, registers
// and memory must be the same on all of them after every so many instructions, from the first one to the end.

using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;
using Lguest.Host.Tests.Kernels;
using Lguest.Launcher;
using Lguest.Switcher.Slots;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Lockstep;

public sealed class SameMachineSpec(ITestOutputHelper report)
{
    private const long PuppyStride = 100_000;
    private const long LinuxStride = 10_000_000;
    private const int PuppyDisk = 64 << 10;
    private const int LinuxDisk = 8 << 20;

    /// <summary>The usual bounds; all that has code, nearly at once; so little room that everything is forgotten again and again; and
    /// windows for all that runs in ring 3, from its first instruction.</summary>
    private static readonly TranslatorSettings[] _bounds =
    [
        new(),
        new(HotAfter: 2, ShortestStretch: 1),
        new(HotAfter: 2, CodeBytes: 1 << 18),
        new(HotAfter: 2, ShortestStretch: 1, WindowAfter: 0, InstructionsAFault: 0),
    ];

    private static readonly string[] _commands =
    [
        "cat /proc/version", "seq 1 3000 | md5sum", "seq 1 20000 > /tmp/n; gzip -c /tmp/n | gunzip -c | md5sum; md5sum /tmp/n",
        "echo '2 ^ 100' | bc; awk 'BEGIN {printf \"%.10f %.6f %.6f\\n\", sin(1), sqrt(2), exp(1)}'",
        "i=0; while [ $i -lt 40 ]; do /bin/true && i=$((i + 1)); done; echo $i", "sh -c 'kill -SEGV $$'; echo $?",
        "mke2fs /dev/DISK > /dev/null 2>&1; mkdir -p /mnt/d; mount -t ext2 /dev/DISK /mnt/d; cp /tmp/n /mnt/d; umount /mnt/d; "
            + "md5sum /dev/DISK", "sleep 1; ps; date", "poweroff -f",
    ];

    public static TheoryData<string> Kernels => KernelFolder.Named is { } folder
        ? [.. Directory.GetFiles(folder, "vmlinux-*").Select(file => Path.GetFileName(file)!).Order()]
        : ["none"];

    [SkippableTheory]
    [InlineData("puppy", "vda")]
    [InlineData("puppy1", "lgba")]
    public void Puppy_is_the_same_machine_on_both_engines(string kernel, string disk)
    {
        SkipWithoutTranslator();
        string script = $"script=sum /dev/{disk}; ps; forktest 4; cat /welcome.txt; crash null; crash div; sleep 0.25 &; mem; ls /bin; "
            + $"echo 0123456789 > /tmp/x; dd if=/tmp/x of=/dev/{disk} bs=10 seek=100; sum /dev/{disk}; crash fpu; wait; uptime";
        IsTheSame(path => new LauncherOptions(8, kernel, [script], [new DeviceOption.Block(path)]), ["help", "ps", "poweroff"], PuppyDisk,
            PuppyStride);
    }

    [SkippableTheory, MemberData(nameof(Kernels))]
    public void A_kernel_is_the_same_machine_on_both_engines(string kernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        SkipWithoutTranslator();
        string disk = kernel.Contains("2.6.23", StringComparison.Ordinal) ? "lgba" : "vda";
        IsTheSame(
            path => new LauncherOptions(
                32, Path.Combine(folder, kernel), ["console=hvc0"], [new DeviceOption.Block(path)], Path.Combine(folder, "initrd.gz")),
            [.. _commands.Select(command => command.Replace("DISK", disk, StringComparison.Ordinal))],
            LinuxDisk,
            LinuxStride);
    }

    private void IsTheSame(Func<string, LauncherOptions> options, string[] lines, int diskBytes, long every)
    {
        string path = Path.GetTempFileName();
        try
        {
            var (reference, disk) = Run(EngineKind.Interpreter, null);
            reference.End.ShouldBeOfType<GuestEnd.PowerOff>(reference.Output);
            reference.Marks.Count.ShouldBeGreaterThan(10);
            report.WriteLine($"{reference.Marks.Count} marks, {reference.Marks[^1].Instructions} instructions");
            foreach (var bounds in _bounds)
            {
                var (other, written) = Run(EngineKind.Translator, bounds);
                for (int i = 0; i < Math.Min(reference.Marks.Count, other.Marks.Count); i++)
                    other.Marks[i].ShouldBe(reference.Marks[i], $"mark {i}, translator with {bounds}");
                other.Marks.Count.ShouldBe(reference.Marks.Count);
                other.Output.ShouldBe(reference.Output);
                other.End.ShouldBe(reference.End);
                written.AsSpan().SequenceEqual(disk).ShouldBeTrue();
            }
        }
        finally
        {
            File.Delete(path);
        }

        (MarkedRun Run, byte[] Disk) Run(EngineKind engine, TranslatorSettings? bounds)
        {
            byte[] content = new byte[diskBytes];
            new Random(7).NextBytes(content);
            File.WriteAllBytes(path, content);
            var run = MarkedRun.Of(options(path), lines, every, engine, bounds);
            return (run, File.ReadAllBytes(path));
        }
    }

    private static void SkipWithoutTranslator() =>
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator to compare with: {Engines.TranslatorProblem}");
}
