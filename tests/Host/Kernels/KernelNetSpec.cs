// Real Linux Guests on one lan, where somebody has kernels (LGUEST_KERNELS, as for the sessions): echoes, streams, many small requests,
// between Guests of one kernel and of two. The rings, headers and features of a network card differ between 2.6.24, 2.6.32 and 3.x, and
// what one driver leaves undone another may not take.

using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Lguest.Net.Lans;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class KernelNetSpec(ITestOutputHelper report)
{
    private const string Ready = "LGUEST-SHELL-READY";
    private const int Patience = 120;
    private const int Pieces = 24;

    private static string? Folder => KernelFolder.Named;

    /// <summary>The images of Linux with virtio; 2.6.23 has networks of its own, and a bzImage no other driver than its vmlinux.</summary>
    public static TheoryData<string> Kernels => Folder is null ? ["none"] : [.. Images()];

    /// <summary>Each with itself, and with the next in the order of their names.</summary>
    public static TheoryData<string, string> Pairs
    {
        get
        {
            if (Folder is null)
                return new() { { "none", "none" } };
            string[] images = Images();
            TheoryData<string, string> pairs = [];
            for (int i = 0; i < images.Length; i++)
            {
                pairs.Add(images[i], images[i]);
                if (images.Length > 1)
                    pairs.Add(images[i], images[(i + 1) % images.Length]);
            }

            return pairs;
        }
    }

    [SkippableTheory, MemberData(nameof(Pairs))]
    public async Task Two_Guests_ping_stream_and_ask_each_other(string leftKernel, string rightKernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        await using var rack = new LauncherNode();
        rack.Node.StartLan(new LanSettings("wire"));
        var left = rack.Boot("left", Options(folder, leftKernel, "10.0.0.1"));
        var right = rack.Boot("right", Options(folder, rightKernel, "10.0.0.2"));
        foreach (var guest in (LaunchedGuest[])[left, right])
        {
            guest.Expect(Ready, Patience);
            guest.Expect("# ", Patience);

            // What the kernel has to say would stand in the middle of what commands print.
            guest.Shell("dmesg -n 1; mkdir -p /www; echo hello > /www/x; httpd -h /www", Patience);
            guest.Shell("seq 1 150000 > /tmp/piece; pieces() { for i in $(seq 1 $1); do cat /tmp/piece; done; }", Patience);
        }

        foreach (var (from, to, address, name) in ((LaunchedGuest, LaunchedGuest, string, string)[])
            [(left, right, "10.0.0.2", $"{leftKernel} to {rightKernel}"), (right, left, "10.0.0.1", $"{rightKernel} to {leftKernel}")])
        {
            string pings = from.Shell($"ping -A -q -c 200 {address}", Patience);
            pings.ShouldContain("200 packets transmitted, 200 packets received, 0% packet loss");
            report.WriteLine($"{name}: {RoundTrip().Match(pings)}");

            // The receiver's shell knows that it listens from the kernel's own list: port 5001 is 1389 there, and 0A is LISTEN.
            to.Shell("nc -l -p 5001 </dev/null 2>&1 | md5sum > /tmp/sum & until grep -q ':1389 .* 0A ' /proc/net/tcp /proc/net/tcp6 "
                + "2>/dev/null; do usleep 50000; done", Patience);
            string sent = from.Shell($"pieces {Pieces} | (time nc {address} 5001) 2>&1", Patience);
            to.Shell("wait $!; cat /tmp/sum", Patience).ShouldContain(Sum());
            report.WriteLine($"{name}: {Stream().Length * (long)Pieces / 1e6:f1} MB {Real().Match(sent)}");

            var watch = Stopwatch.StartNew();
            from.Shell($"n=0; for i in $(seq 1 100); do wget -q -O - http://{address}/x | grep -q hello && n=$((n+1)); done; echo got=$n",
                Patience).ShouldContain("got=100");
            report.WriteLine($"{name}: 100 requests in {watch.Elapsed.TotalSeconds:f1} s");
        }

        left.Type("poweroff -f");
        right.Type("poweroff -f");
        (await left.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
        (await right.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    private static string[] Images() =>
        [.. Directory.GetFiles(Folder!, "vmlinux-*").Select(file => Path.GetFileName(file)!)
            .Where(name => !name.Contains("2.6.23", StringComparison.Ordinal)).Order()];

    private static LauncherOptions Options(string folder, string kernel, string address) => new(
        32,
        Path.Combine(folder, kernel),
        ["console=hvc0", $"guestip={address}"],
        [new DeviceOption.Net("wire")],
        Path.Combine(folder, "initrd.gz"));

    /// <summary>A piece of the stream: numbers, so that bytes in the wrong place are wrong bytes.</summary>
    private static byte[] Stream() => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 150_000).Select(number => $"{number}\n")));

    private static string Sum()
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        byte[] piece = Stream();
        for (int i = 0; i < Pieces; i++)
            sum.AppendData(piece);
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    [GeneratedRegex("round-trip.*")]
    private static partial Regex RoundTrip();

    [GeneratedRegex(@"real.*")]
    private static partial Regex Real();
}
