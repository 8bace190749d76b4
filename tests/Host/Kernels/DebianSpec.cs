// The kernel of a distribution, as it is, on the board of a plain PC. LGUEST_DEBIAN names a folder with vmlinuz-686 and vmlinuz-686-pae
// and an uncompressed initrd.cpio with a busybox shell and the modules of virtio, or one for each kernel (initrd-686.cpio).

using System.Security.Cryptography;
using Lguest.Guest.Cpu;
using Lguest.Host.Launcher;
using Lguest.Host.Tests.Launcher;
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

    public void Dispose() => File.Delete(_disk);

    private static LauncherOptions Options(string kernel, System.Collections.Immutable.ImmutableArray<DeviceOption> devices)
    {
        string? folder = Environment.GetEnvironmentVariable("LGUEST_DEBIAN");
        Skip.If(folder is null, "LGUEST_DEBIAN is not set: it names a folder with vmlinuz-686, vmlinuz-686-pae and initrd.cpio");
        string own = Path.Combine(folder, $"initrd-{kernel}.cpio");
        return new LauncherOptions(256, Path.Combine(folder, $"vmlinuz-{kernel}"), [], devices,
            File.Exists(own) ? own : Path.Combine(folder, "initrd.cpio"));
    }
}
