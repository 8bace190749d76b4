// Linux 2.6.23, where somebody has a kernel of it: from a disk, and with another one at the far end of a shared page, on the same node and
// on another. LGUEST_KERNELS names the folder: vmlinux-2.6.23, initrd.gz, and root.ext2, a file system with the initrd's content.

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Devices.Tests;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Lguest.Net.Lans;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class Generation1Spec(ITestOutputHelper report)
{
    private const int Pings = 10_000;

    /// <summary>Seconds for what takes two on a machine that has nothing else to do.</summary>
    private const int Stream = 240;

    [SkippableFact]
    public async Task A_kernel_of_generation_1_boots_from_a_disk_and_writes_to_it()
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", "root.ext2");
        string disk = Path.GetTempFileName();
        try
        {
            File.Copy(Path.Combine(folder, "root.ext2"), disk, overwrite: true);
            await using var rack = await DmaMachines.Start(1);
            var guest = await rack.Boot(0, Options(folder, "disk", 1, initrd: false, [new DeviceOption.Block(disk)], "root=/dev/lgba", "rw",
                "init=/init"));
            await guest.Does("mount | grep -c lgba; seq 1 20000 | md5sum > /kept; sync; cat /kept; echo DO''NE", "DONE");
            guest.Keyboard.Type("poweroff -f\n");
            (await guest.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
            var again = await rack.Boot(0, Options(folder, "disk", 1, initrd: false, [new DeviceOption.Block(disk)], "root=/dev/lgba", "rw",
                "init=/init"));
            await again.Does("seq 1 20000 | md5sum | cmp - /kept && echo SA''ME", "SAME");
            again.Keyboard.Type("poweroff -f\n");
            (await again.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        }
        finally
        {
            File.Delete(disk);
        }
    }

    [SkippableTheory, InlineData(1), InlineData(2)]
    public async Task Two_of_them_ping_each_other_over_a_shared_page_and_no_answer_is_lost(int nodes)
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", "initrd.gz");
        await using var rack = await DmaMachines.Start(nodes);
        var left = await rack.Boot(0, Options(folder, "left", 1, initrd: true, [new DeviceOption.SharedNet("yard", 0)],
            "guestip=10.0.0.1"));
        var right = await rack.Boot(nodes - 1, Options(folder, "right", 2, initrd: true, [new DeviceOption.SharedNet("yard", 1)],
            "guestip=10.0.0.2"));
        foreach (var (from, to) in ((DmaMachines.HostedGuest, string)[])[(left, "10.0.0.2"), (right, "10.0.0.1")])
        {
            var watch = Stopwatch.StartNew();
            await from.Does($"ping -A -i 60 -q -c {Pings} {to}; echo PING''ED", "PINGED");
            string line = from.Printed.Text.Split('\n').Last(text => text.Contains("packets transmitted", StringComparison.Ordinal));
            report.WriteLine($"{nodes} nodes: {line.Trim()} in {watch.Elapsed.TotalSeconds:f1} s; "
                + $"{from.Printed.Text.Split('\n').LastOrDefault(text => text.Contains("round-trip", StringComparison.Ordinal))?.Trim()}");
            var counts = Counts().Match(line);
            int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture).ShouldBe(Pings);
            int.Parse(counts.Groups[2].Value, CultureInfo.InvariantCulture).ShouldBe(Pings, from.Printed.Text);
        }

        right.Keyboard.Type("(nc -l -p 5001 </dev/null | md5sum > /tmp/sum) &\n");
        var stream = Stopwatch.StartNew();
        await left.Does("sleep 1; dd if=/dev/zero bs=1M count=16 2>/dev/null | nc 10.0.0.2 5001; echo STREA''MED", "STREAMED");
        report.WriteLine($"{nodes} nodes: 16 MB by TCP in {stream.Elapsed.TotalSeconds - 1:f1} s");
        left.Keyboard.Type("ifconfig eth0; poweroff -f\n");
        (await left.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        right.Keyboard.Type("poweroff -f\n");
        (await right.Ended).Outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        report.WriteLine(string.Join('\n', left.Printed.Text.Split('\n')
            .Where(text => text.Contains("RX", StringComparison.Ordinal) || text.Contains("TX", StringComparison.Ordinal))));
    }

    [SkippableTheory, InlineData("vmlinux-3.11"), InlineData("vmlinux-4.1"), InlineData("vmlinux-4.13")]
    public async Task It_talks_to_a_kernel_of_a_later_generation_on_one_lan(string later)
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", later, "initrd.gz");
        await using LauncherNode rack = new();
        rack.Node.StartLan(new LanSettings("wire"));
        var old = rack.Boot("old", Options(folder, "old", 7, initrd: true, [new DeviceOption.Net("wire")], "guestip=10.0.0.1"));
        var late = rack.Boot("late", new LauncherOptions(
            32, Path.Combine(folder, later), ["console=hvc0", "guestip=10.0.0.2"], [new DeviceOption.Net("wire")],
                Path.Combine(folder, "initrd.gz")));
        old.Expect("LGUEST-SHELL-READY");
        late.Expect("LGUEST-SHELL-READY");
        old.Expect("# ");
        late.Expect("# ");
        foreach (var (from, to) in ((LaunchedGuest, string)[])[(old, "10.0.0.2"), (late, "10.0.0.1")])
        {
            string pings = from.Shell($"ping -A -q -c 500 {to}");
            pings.ShouldMatch("500 packets transmitted, 500 packets received");
            report.WriteLine(pings[pings.IndexOf("round-trip", StringComparison.Ordinal)..]);
        }

        late.Shell("(nc -l -p 5001 </dev/null | md5sum > /tmp/sum) &");
        late.Shell("sleep 1");

        // Three megabytes, made by doubling, which costs these Guests less than counting so far.
        old.Shell("seq 1 5000 > /tmp/s; for i in 1 2 3 4 5 6 7; do cat /tmp/s /tmp/s > /tmp/t; mv /tmp/t /tmp/s; done", Stream);
        report.WriteLine(old.Shell("(time nc 10.0.0.2 5001 < /tmp/s) 2>&1; wc -c < /tmp/s", Stream));
        string sum = late.Shell("sleep 1; cat /tmp/sum");
        old.Shell("md5sum < /tmp/s").ShouldContain(sum.Split('\n').First(line => line.Contains("  -", StringComparison.Ordinal))
            .Trim()[..32]);
        old.Type("poweroff -f");
        late.Type("poweroff -f");
        (await old.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
        (await late.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    private static LauncherOptions Options(
        string folder, string name, ushort number, bool initrd, ImmutableArray<DeviceOption> devices,
            params ImmutableArray<string> arguments) =>
        new(32, Path.Combine(folder, "vmlinux-2.6.23"), arguments, devices, initrd ? Path.Combine(folder, "initrd.gz")
            : null)
        { Name = name, Number = number };

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) packets received")]
    private static partial Regex Counts();
}
