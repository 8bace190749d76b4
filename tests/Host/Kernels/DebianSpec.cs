// The kernel of a distribution, as it is, on the board of a plain PC. LGUEST_DEBIAN names a folder with vmlinuz-686 and vmlinuz-686-pae
// and an uncompressed initrd.cpio with a busybox shell and the modules of virtio, or one for each kernel (initrd-686.cpio).

using System.Security.Cryptography;
using System.Text;
using Lguest.Devices;
using Lguest.Guest.Cpu;
using Lguest.Host.Programs;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Lguest.Launcher.Images;
using Lguest.Net.Lans;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class DebianSpec(ITestOutputHelper report) : IDisposable
{
    private const string Prompt = "/ # ";
    private const int Boot = 120;

    private readonly string _disk = Path.GetTempFileName();

    [SkippableTheory]
    [InlineData("686", EngineKind.Interpreter)]
    [InlineData("686", EngineKind.Auto)]
    [InlineData("686-pae", EngineKind.Interpreter)]
    [InlineData("686-pae", EngineKind.Auto)]
    public async Task A_stock_kernel_boots_to_its_shell_has_its_devices_and_powers_off_in_order(string kernel, EngineKind engine)
    {
        byte[] content = RandomNumberGenerator.GetBytes(1 << 20);
        await File.WriteAllBytesAsync(_disk, content);
        await using LauncherNode rack = new(engine);
        var guest = rack.Boot("pc", Options(kernel, [new DeviceOption.Block(_disk), new DeviceOption.Rng()]));
        guest.Expect(Prompt, Boot);
        guest.Shell("md5sum /dev/vda").ShouldContain(Convert.ToHexStringLower(MD5.HashData(content)));
        guest.Shell("echo written | dd of=/dev/vda bs=512 conv=sync,fsync");
        guest.Shell("head -c 8 /dev/hwrng | wc -c").ShouldContain("\n8");
        guest.Shell("cat /sys/devices/system/cpu/vulnerabilities/*").Split('\n').Where(line => line.Contains("ulnerable",
            StringComparison.Ordinal)).ShouldBeEmpty();
        guest.Shell("cat /sys/devices/system/clocksource/clocksource0/current_clocksource").ShouldContain("kvm-clock");
        string year = guest.Shell("date +%Y");
        year.ShouldContain(DateTime.UtcNow.Year.ToString(System.Globalization.CultureInfo.InvariantCulture));
        guest.Type("poweroff -f");
        var outcome = await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot));
        outcome.ShouldBeOfType<GuestOutcome.PoweredOff>();
        (await File.ReadAllTextAsync(_disk)).ShouldStartWith("written");
        guest.Screen.Text.ShouldContain("reboot: Power down", Case.Sensitive, "the last words come before the end");
        report.WriteLine($"{kernel}: {outcome.Statistics}");
    }

    [SkippableTheory]
    [InlineData("686", "bzimage", true)]
    [InlineData("686-pae", "bzimage", false)]
    [InlineData("686-pae", "pvh", true)]
    [InlineData("686-pae", "pvh", false)]
    [InlineData("686", "linux", false)]
    public async Task It_is_entered_by_each_of_its_doors_and_does_without_a_clock_of_KVM(string kernel, string door, bool isKvm)
    {
        await using LauncherNode rack = new();
        var options = Options(kernel, [new DeviceOption.Rng()]);
        var guest = rack.Boot("pc", options with { Boot = PcEntries.Parse(door)!.Value, IsKvm = isKvm });
        guest.Expect(Prompt, Boot * 5); // a kernel that unpacks itself executes two thousand million instructions first
        string clocks = guest.Shell("cat /sys/devices/system/clocksource/clocksource0/available_clocksource");
        clocks.Contains("kvm-clock", StringComparison.Ordinal).ShouldBe(isKvm, clocks);
        guest.Shell("head -c 8 /dev/hwrng | wc -c").ShouldContain("\n8");
        guest.Type("poweroff -f");
        (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot))).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    [SkippableTheory]
    [InlineData("686-pae", EngineKind.Interpreter, 240)]
    [InlineData("686-pae", EngineKind.Auto, 240)]
    [InlineData("686", EngineKind.Auto, 90)]
    public async Task Ram_beyond_the_hole_is_used_by_a_kernel_that_reaches_it(string kernel, EngineKind engine, int most)
    {
        byte[] content = RandomNumberGenerator.GetBytes(64 << 20); // a file system in memory may take half of it
        await File.WriteAllBytesAsync(_disk, content);
        await using LauncherNode rack = new(engine);

        // A hole after 96 MB, so that most of 256 is behind it.
        var guest = rack.Boot("pc", Options(kernel, [new DeviceOption.Block(_disk)]) with { LowBytes = 96 << 20 });
        guest.Expect(Prompt, Boot);
        string total = guest.Shell("grep MemTotal /proc/meminfo");
        int megabytes = int.Parse(total.Split("MemTotal:")[^1].Split("kB")[0]) >> 10;
        megabytes.ShouldBeInRange(kernel == "686" ? 40 : 150, most, total);
        if (kernel != "686")
        {
            guest.Shell("cp /dev/vda /tmp/copy; md5sum /tmp/copy", 300).ShouldContain(Convert.ToHexStringLower(MD5.HashData(content)));
            guest.Shell("cp /bin/busybox /tmp/md5sum; /tmp/md5sum /tmp/copy", 300).ShouldContain(
                Convert.ToHexStringLower(MD5.HashData(content)));
        }

        guest.Type("poweroff -f");
        (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot))).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    [SkippableFact]
    public void A_kernel_without_the_entry_is_refused()
    {
        var options = Options("686", []) with { Boot = PcEntry.Pvh };

        Should.Throw<RefusedException>(() => GuestPlan.Read(options)).Message.ShouldEndWith(
            "vmlinuz-686 has no entry for --boot=pvh; leave that out (in a topology: boot = linux)");
    }

    [SkippableFact]
    public void In_a_topology_it_is_recognised_like_any_other_kernel()
    {
        var options = Options("686-pae", []);
        File.WriteAllText(_disk, $$"""
            lguest {
              nodes.rack { }
              lans.green { mtu = 9000 }
              guests {
                pc {
                  kernel = "{{options.Kernel}}", initrd = "{{options.Initrd}}", memory = 256M
                  board = pc, boot = pvh, kvm = off, lans = [green], arguments = test
                }
                dog { lans = [green], service = on }
              }
            }
            """);
        using var output = new MemoryStream();
        using var error = new StringWriter();

        UpProgram.Run(new UpOptions(_disk), Stream.Null, output, error, () => null).ShouldBe(0, error.ToString());

        string printed = Encoding.UTF8.GetString(output.ToArray());
        report.WriteLine(printed);
        printed.ShouldContain("[pc] INIT: done");
        printed.ShouldContain("lguest: pc on rack powered off");
    }

    [SkippableFact]
    public async Task It_is_started_again_when_it_asks_for_that()
    {
        await using LauncherNode rack = new();
        var guest = rack.Boot("pc", Options("686", []));
        guest.Expect(Prompt, Boot);
        guest.Type("reboot -f");
        guest.Expect("Linux version", Boot);
        guest.Expect(Prompt, Boot);
        guest.Type("poweroff -f");
        (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot))).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    [SkippableFact]
    public async Task It_talks_to_an_lguest_Guest_on_one_lan()
    {
        string folder = KernelFolder.With("vmlinux-3.11", "initrd.gz");
        await using LauncherNode rack = new();
        rack.Node.StartLan(new LanSettings("wire"));
        var pc = rack.Boot("pc", Options("686", [new DeviceOption.Net("wire")]));
        var other = rack.Boot("other", new LauncherOptions(
            32, Path.Combine(folder, "vmlinux-3.11"), ["console=hvc0", "guestip=10.0.0.2"], [new DeviceOption.Net("wire")],
            Path.Combine(folder, "initrd.gz")));
        other.Expect("LGUEST-SHELL-READY");
        pc.Expect(Prompt, Boot);
        pc.Shell("ip link set eth0 up; ip addr add 10.0.0.1/24 dev eth0 || ifconfig eth0 10.0.0.1 up");
        pc.Shell("ping -q -c 5 10.0.0.2").ShouldContain(" 0% packet loss");
        other.Shell("ping -q -c 5 10.0.0.1").ShouldContain(" 0% packet loss");
    }

    [SkippableFact]
    public async Task Two_learn_the_MTU_of_their_lan_and_use_it()
    {
        await using LauncherNode rack = new();
        rack.Node.StartLan(new LanSettings("jumbo") { Mtu = 9000 });
        var options = Options("686", [new DeviceOption.Net("jumbo") { Mtu = 9000 }]);
        var (one, other) = (rack.Boot("one", options with { Name = "one" }), rack.Boot("other", options with { Name = "other" }));
        one.Expect(Prompt, Boot);
        other.Expect(Prompt, Boot);
        one.Shell("cat /sys/class/net/eth0/mtu").ShouldContain("\n9000");
        one.Shell("ip link set eth0 up; ip addr add 10.0.0.1/24 dev eth0 || ifconfig eth0 10.0.0.1 up");
        other.Shell("ip link set eth0 up; ip addr add 10.0.0.2/24 dev eth0 || ifconfig eth0 10.0.0.2 up");

        one.Shell("ping -q -c 10 -s 8972 10.0.0.2").ShouldContain(" 0% packet loss");

        // Each in a frame of 9014 bytes, and not in seven of 1514: beside them there are the few by which neighbours find each other.
        string sent = one.Shell("echo sent $(cat /sys/class/net/eth0/statistics/tx_packets)");
        int.Parse(sent.Split("sent ")[^1].Split('\r')[0]).ShouldBeInRange(10, 50, sent);
    }

    public void Dispose() => File.Delete(_disk);

    /// <summary>The folder with the kernels; null where nobody has named one.</summary>
    internal static string? Folder => Environment.GetEnvironmentVariable("LGUEST_DEBIAN");

    internal static LauncherOptions Options(string kernel, System.Collections.Immutable.ImmutableArray<DeviceOption> devices)
    {
        string? folder = Folder;
        Skip.If(folder is null, "LGUEST_DEBIAN is not set: it names a folder with vmlinuz-686, vmlinuz-686-pae and initrd.cpio");
        string own = Path.Combine(folder, $"initrd-{kernel}.cpio");
        return new LauncherOptions(256, Path.Combine(folder, $"vmlinuz-{kernel}"), [], devices,
            File.Exists(own) ? own : Path.Combine(folder, "initrd.cpio"));
    }
}
