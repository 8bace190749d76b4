// In virtual time a Guest of the product, with its actors, devices and threads, is a function of its inputs: run again, on whatever engine,
// it ends as the same machine, to the last byte. LGUEST_DEBIAN names a folder with a distribution's kernels, as for DebianSpec.

using System.Collections.Immutable;
using Lguest.Guest.Cpu;
using Lguest.Host.Tests.Kernels;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Lockstep;

public sealed class RepeatedRunSpec(ITestOutputHelper report) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(15);

    private readonly string _disk = Path.GetTempFileName();

    [Theory]
    [InlineData("puppy", "vda")]
    [InlineData("puppy1", "lgba")]
    public async Task Puppy_ends_as_the_same_machine_each_time(string kernel, string disk)
    {
        ImmutableArray<DeviceOption> devices = [new DeviceOption.Block(_disk), new DeviceOption.Rng { IsOptional = true }];
        LauncherOptions options = new(8, kernel, [$"script=sum /dev/{disk}; forktest 4; sleep 0.25 &; crash null; "
            + $"echo 0123456789 > /tmp/x; dd if=/tmp/x of=/dev/{disk} bs=10 seek=100; sum /dev/{disk}; wait; uptime; poweroff"], devices);
        await IsTheSameEachTime(options, runs: 3);
    }

    [SkippableTheory]
    [InlineData("686")]
    [InlineData("686-pae")]
    public async Task A_distributions_kernel_boots_to_its_programs_as_the_same_machine_each_time(string kernel)
    {
        var options = DebianSpec.Options(kernel, [new DeviceOption.Block(_disk), new DeviceOption.Rng()]) with
        {
            KernelArguments = ["test"],
        };
        await IsTheSameEachTime(options, runs: 2);
    }

    /// <summary>The kernels of LGUEST_KERNELS whose devices are on PCI, with a few commands of their init.</summary>
    [SkippableTheory]
    [InlineData("vmlinux-4.1")]
    [InlineData("vmlinux-4.13")]
    public async Task A_kernel_of_the_third_generation_ends_as_the_same_machine_each_time(string kernel)
    {
        string folder = KernelFolder.With(kernel, "initrd.gz");
        const string run = "run=cat,/proc/version;md5sum,/dev/vda;head,-c,100,/dev/hwrng|md5sum;seq,1,3000|md5sum;"
            + "echo,written|dd,of=/dev/vda,bs=512,conv=sync;cat,/proc/uptime,/proc/interrupts";
        LauncherOptions options = new(
            32,
            Path.Combine(folder, kernel),
            ["console=hvc0", "autooff", run],
            [new DeviceOption.Block(_disk), new DeviceOption.Rng()],
            Path.Combine(folder, "initrd.gz"));
        await IsTheSameEachTime(options, runs: 3);
    }

    [SkippableTheory]
    [InlineData("vmlinux-4.1")]
    [InlineData("vmlinux-4.13")]
    public async Task What_is_typed_is_heard_although_nothing_else_ever_comes(string kernel)
    {
        string folder = KernelFolder.With(kernel, "initrd.gz");
        await using LauncherNode rack = new();
        LauncherOptions options = new(
            32, Path.Combine(folder, kernel), ["console=hvc0"], [], Path.Combine(folder, "initrd.gz"));
        var guest = rack.Boot("one", options with { Clock = ClockKind.Virtual });
        guest.Expect("LGUEST-SHELL-READY");
        guest.Shell("echo $((6 * 7)) is the answer").ShouldContain("42 is the answer");
        guest.Type("poweroff -f");
        (await guest.Ended.WaitAsync(_patience)).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    [Fact]
    public async Task Another_seed_makes_another_machine()
    {
        const string script = "script=dd if=/dev/hwrng of=/tmp/r bs=100 count=2; sum /tmp/r; poweroff";
        LauncherOptions options = new(8, "puppy", [script], [new DeviceOption.Rng()]);
        var first = (await Run(options, EngineKind.Interpreter)).Mark;
        var other = (await Run(options with { Seed = 1 }, EngineKind.Interpreter)).Mark;
        other.Memory.ShouldNotBe(first.Memory);
    }

    public void Dispose() => File.Delete(_disk);

    private async Task IsTheSameEachTime(LauncherOptions options, int runs)
    {
        var (mark, output) = await Run(options, EngineKind.Interpreter);
        report.WriteLine(mark.ToString());
        for (int i = 1; i < runs; i++)
        {
            var (again, printed) = await Run(options, EngineKind.Auto);
            printed.ShouldBe(output);
            again.ShouldBe(mark);
        }
    }

    private async Task<(MachineMark Mark, string Output)> Run(LauncherOptions options, EngineKind engine)
    {
        byte[] content = new byte[1 << 20];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(_disk, content);
        await using LauncherNode rack = new(engine);
        var guest = rack.Boot("one", options with { Clock = ClockKind.Virtual, Verbose = true });
        var outcome = await guest.Ended.WaitAsync(_patience);
        outcome.ShouldBeOfType<GuestOutcome.PoweredOff>(guest.Screen.Text);
        return (outcome.Statistics!.Mark!.Value, guest.Screen.Text);
    }
}
