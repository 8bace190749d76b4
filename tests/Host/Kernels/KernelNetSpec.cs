// Two real Linux Guests on one lan, where somebody has kernels (LGUEST_KERNELS, as for the sessions): echoes, a stream, many small requests.

using System.Diagnostics;
using System.Text.RegularExpressions;
using Lguest.Host.Launcher;
using Lguest.Host.Tests.Launcher;
using Lguest.Net.Lans;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class KernelNetSpec(ITestOutputHelper report)
{
    private const string Ready = "LGUEST-SHELL-READY";

    private static string? Folder => Environment.GetEnvironmentVariable("LGUEST_KERNELS");

    [Theory, MemberData(nameof(KernelSessionSpec.Kernels), MemberType = typeof(KernelSessionSpec))]
    public async Task Two_Guests_ping_stream_and_ask_each_other(string kernel)
    {
        if (Folder is not { } folder)
        {
            report.WriteLine("not run: set LGUEST_KERNELS to a folder with vmlinux-* or bzImage-* and initrd.gz");
            return;
        }

        await using var rack = new Rack();
        rack.Node.StartLan(new LanSettings("wire"));
        var left = rack.Boot("left", Options(folder, kernel, "10.0.0.1"));
        var right = rack.Boot("right", Options(folder, kernel, "10.0.0.2"));
        left.Expect(Ready);
        right.Expect(Ready);
        left.Expect("# ");
        right.Expect("# ");

        var pings = left.Shell("ping -c 20 -i 0.05 -q 10.0.0.2 2>&1 || ping -c 3 -q 10.0.0.2");
        pings.ShouldMatch(@"(\d+) packets transmitted, \1 packets received, 0% packet loss");
        report.WriteLine($"{kernel}: {RoundTrip().Match(pings)}");

        const int megabytes = 32;
        right.Shell("(nc -l -p 5001 </dev/null | md5sum > /tmp/sum) &");
        right.Shell("sleep 1");
        var sent = left.Shell($"dd if=/dev/zero bs=1M count={megabytes} 2>/dev/null | (time nc 10.0.0.2 5001) 2>&1", 120);
        right.Shell("sleep 1; cat /tmp/sum").ShouldContain(ZeroSum(megabytes));
        report.WriteLine($"{kernel}: {megabytes} MB {Real().Match(sent)}");

        right.Shell("mkdir -p /www; echo hello > /www/x; httpd -h /www");
        var watch = Stopwatch.StartNew();
        left.Shell("i=0; n=0; while [ $i -lt 100 ]; do wget -q -O - http://10.0.0.2/x | grep -q hello && n=$((n+1)); i=$((i+1)); done; echo got=$n", 120).ShouldContain("got=100");
        report.WriteLine($"{kernel}: 100 requests in {watch.Elapsed.TotalSeconds:f1} s");

        left.Type("poweroff -f");
        right.Type("poweroff -f");
        (await left.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
        (await right.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    private static LauncherOptions Options(string folder, string kernel, string address) => new(
        32,
        Path.Combine(folder, kernel),
        ["console=hvc0", $"guestip={address}"],
        [new DeviceOption.Net("wire")],
        Path.Combine(folder, "initrd.gz"));

    private static string ZeroSum(int megabytes)
    {
        using var sum = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.MD5);
        for (var i = 0; i < megabytes; i++)
            sum.AppendData(new byte[1 << 20]);
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    [GeneratedRegex("round-trip.*")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"real.*")]
    private static partial Regex Real();
}
