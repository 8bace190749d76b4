// What two real Guests get through a TCP stream on one node, per second of processor time of everything that takes part: both Guests'
// instructions, the Switcher, the cards, the lan and the runtime. So it is what one core would carry that does nothing else, however many
// cores there are and whatever else uses them; real lguest was measured with its Host and both Guests on one core. Receiver and sender are
// busybox's nc, the bytes zeros.

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Bench.Booting;
using Lguest.Host.Launcher;
using Lguest.Host.Logging;
using Lguest.Host.Nodes.Actors;
using Lguest.Net.Lans;

namespace Lguest.Bench.Net;

/// <summary>Megabytes (2^20) by TCP from one Linux Guest to another per second of this process's processor time, with the kernel that does
/// worst.</summary>
internal sealed partial class LinuxStream : IBenchmark
{
    private const int Windows = 5;
    private const int Megabytes = 24;

    public string Name => "TCP stream of two Linux Guests on one core";

    public Target Target { get; } = Target.AtLeast(5.8, "MB/s");

    public Measurement Run()
    {
        var found = Kernels.WithVirtio().Select(kernel => (Name: Kernels.NameOf(kernel), Rate: Measure(kernel))).ToArray();
        if (found.Length == 0)
            return Measurement.Unavailable(Kernels.Missing);
        var rates = found.Select(kernel => string.Create(CultureInfo.InvariantCulture, $"{kernel.Name}: {kernel.Rate:F1}"));
        return Measurement.Of(found.Min(kernel => kernel.Rate), $"the worst of {string.Join(", ", rates)} (medians of {Windows})");
    }

    private static double Measure(string kernel)
    {
        using var log = ProgramLog.Create(verbose: false);
        var node = new OneNode(log);
        try
        {
            node.StartLan(new LanSettings("wire"));
            var sender = Boot(node, kernel, "sender", "10.0.0.1");
            var receiver = Boot(node, kernel, "receiver", "10.0.0.2");

            // The first window warms up: decoding, compiling, the driver's buffers.
            double[] rates = Enumerable.Range(0, Windows + 1).Select(_ => Window(sender, receiver)).Skip(1).Order().ToArray();
            sender.Type("poweroff -f");
            receiver.Type("poweroff -f");
            sender.End();
            receiver.End();
            return rates[Windows / 2];
        }
        finally
        {
            node.DisposeAsync().AsTask().Wait();
        }
    }

    private static double Window(ShellGuest sender, ShellGuest receiver)
    {
        // Port 5001 is 1389 in the kernel's own list, and 0A is LISTEN.
        receiver.Shell("before=$(cat /sys/class/net/eth0/statistics/rx_bytes); nc -l -p 5001 </dev/null >/dev/null & until grep -q "
            + "':1389 .* 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null; do usleep 50000; done");
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        sender.Shell($"dd if=/dev/zero bs=1M count={Megabytes} 2>/dev/null | nc 10.0.0.2 5001");
        process.Refresh();
        var used = process.TotalProcessorTime - before;
        string arrived = receiver.Shell($"wait $!; echo $((($(cat /sys/class/net/eth0/statistics/rx_bytes) - before) / {1 << 20})) MB "
            + "arri''ved");
        return Arrived().Match(arrived) is { Success: true } match
            && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) >= Megabytes
            ? Megabytes / used.TotalSeconds
            : throw new InvalidOperationException($"{Megabytes} MB were sent: {arrived}");
    }

    private static ShellGuest Boot(OneNode node, string kernel, string name, string address)
    {
        var guest = new ShellGuest(node, new LauncherOptions(
            32, kernel, ["console=hvc0"], [new DeviceOption.Net("wire")], Kernels.Initrd)
        { Name = name });
        guest.Expect("LGUEST-SHELL-READY");
        guest.Shell($"dmesg -n 1; ifconfig eth0 {address} netmask 255.255.255.0 up");
        return guest;
    }

    [GeneratedRegex(@"(\d+) MB arrived")]
    private static partial Regex Arrived();
}
