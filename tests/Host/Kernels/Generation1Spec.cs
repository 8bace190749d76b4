// Linux 2.6.23, where somebody has a kernel of it: from a disk, and with another one at the far end of a shared page, on the same node and on
// another. LGUEST_KERNELS names the folder: vmlinux-2.6.23, initrd.gz, and root.ext2, a file system with the initrd's content.

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Host.Launcher;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class Generation1Spec(ITestOutputHelper report)
{
    private const int Pings = 10_000;

    private static string? Folder =>
        Environment.GetEnvironmentVariable("LGUEST_KERNELS") is { } folder && File.Exists(Path.Combine(folder, "vmlinux-2.6.23")) ? folder : null;

    [Fact]
    public async Task A_kernel_of_generation_1_boots_from_a_disk_and_writes_to_it()
    {
        if (Folder is not { } folder || !File.Exists(Path.Combine(folder, "root.ext2")))
        {
            report.WriteLine("not run: set LGUEST_KERNELS to a folder with vmlinux-2.6.23 and root.ext2");
            return;
        }

        var disk = Path.GetTempFileName();
        try
        {
            File.Copy(Path.Combine(folder, "root.ext2"), disk, overwrite: true);
            await using var rack = await DmaRack.Start(1);
            var guest = await rack.Boot(0, Options(folder, "disk", 1, initrd: false, [new DeviceOption.Block(disk)], "root=/dev/lgba", "rw", "init=/init"));
            await guest.Does("mount | grep -c lgba; seq 1 20000 | md5sum > /kept; sync; cat /kept; echo DO''NE", "DONE");
            guest.Keyboard.Type("poweroff -f\n");
            (await guest.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
            var again = await rack.Boot(0, Options(folder, "disk", 1, initrd: false, [new DeviceOption.Block(disk)], "root=/dev/lgba", "rw", "init=/init"));
            await again.Does("seq 1 20000 | md5sum | cmp - /kept && echo SA''ME", "SAME");
            again.Keyboard.Type("poweroff -f\n");
            (await again.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        }
        finally
        {
            File.Delete(disk);
        }
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task Two_of_them_ping_each_other_over_a_shared_page_and_no_answer_is_lost(int nodes)
    {
        if (Folder is not { } folder)
        {
            report.WriteLine("not run: set LGUEST_KERNELS to a folder with vmlinux-2.6.23 and initrd.gz");
            return;
        }

        await using var rack = await DmaRack.Start(nodes);
        var left = await rack.Boot(0, Options(folder, "left", 1, initrd: true, [new DeviceOption.SharedNet("yard", 0)], "guestip=10.0.0.1"));
        var right = await rack.Boot(nodes - 1, Options(folder, "right", 2, initrd: true, [new DeviceOption.SharedNet("yard", 1)], "guestip=10.0.0.2"));
        foreach (var (from, to) in ((DmaRack.Tenant, string)[])[(left, "10.0.0.2"), (right, "10.0.0.1")])
        {
            var watch = Stopwatch.StartNew();
            await from.Does($"ping -A -q -c {Pings} {to}; echo PING''ED", "PINGED");
            var line = from.Printed.Text.Split('\n').Last(text => text.Contains("packets transmitted", StringComparison.Ordinal));
            report.WriteLine($"{nodes} nodes: {line.Trim()} in {watch.Elapsed.TotalSeconds:f1} s; {from.Printed.Text.Split('\n').LastOrDefault(text => text.Contains("round-trip", StringComparison.Ordinal))?.Trim()}");
            var counts = Counts().Match(line);
            int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture).ShouldBe(Pings);
            int.Parse(counts.Groups[2].Value, CultureInfo.InvariantCulture).ShouldBe(Pings, from.Printed.Text);
        }

        left.Keyboard.Type("ifconfig eth0; poweroff -f\n");
        (await left.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        right.Keyboard.Type("poweroff -f\n");
        (await right.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        report.WriteLine(string.Join('\n', left.Printed.Text.Split('\n').Where(text => text.Contains("RX", StringComparison.Ordinal) || text.Contains("TX", StringComparison.Ordinal))));
    }

    private static LauncherOptions Options(
        string folder, string name, ushort number, bool initrd, ImmutableArray<DeviceOption> devices, params ImmutableArray<string> arguments) =>
        new(32, Path.Combine(folder, "vmlinux-2.6.23"), arguments, devices, initrd ? Path.Combine(folder, "initrd.gz") : null) { Name = name, Number = number };

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) packets received")]
    private static partial Regex Counts();
}
