// Two Linux Guests with shells on one lan of one node, in this process: what the rows of streams and pings between real Guests measure on.

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Guest.Cpu;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Net.Lans;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Bench.Net;

/// <summary>10.0.0.1 and 10.0.0.2, both with busybox.</summary>
internal sealed partial class ShellPair : IDisposable
{
    /// <summary>The lan that both have a card in.</summary>
    public const string Lan = "wire";

    /// <summary>Of one stream.</summary>
    public const int Megabytes = 24;

    private readonly OneNode _node;
    private readonly IDisposable _log;
    private readonly ShellGuest _one;
    private readonly ShellGuest _other;

    /// <summary>Boots both, and waits for their shells.</summary>
    /// <param name="options">Of each, but for the name.</param>
    /// <param name="prompt">What a shell prints when it is ready.</param>
    /// <param name="engine">What executes their code; null for what the reference says.</param>
    public ShellPair(LauncherOptions options, string prompt, EngineKind? engine = null)
    {
        var log = ProgramLog.Create(verbose: false);
        _log = log;
        _node = new OneNode(log, engine: engine);
        _node.StartLan(new LanSettings(Lan));
        _one = new ShellGuest(_node, options with { Name = "sender" });
        _other = new ShellGuest(_node, options with { Name = "receiver" });
        foreach (var (guest, address) in ((ShellGuest, string)[])[(_one, "10.0.0.1"), (_other, "10.0.0.2")])
        {
            guest.Expect(prompt);
            guest.Shell($"dmesg -n 1; ifconfig eth0 {address} netmask 255.255.255.0 up");
        }
    }

    /// <summary>Megabytes (2^20) by TCP from one to the other per second of this process's processor time. The bytes are zeros.</summary>
    /// <param name="receive">The command of the receiver, which listens at port 5001.</param>
    /// <param name="send">That of the sender, which sends <see cref="Megabytes"/>.</param>
    public double Stream(string receive, string send)
    {
        // Port 5001 is 1389 in the kernel's own list, and 0A is LISTEN.
        _other.Shell($"before=$(cat /sys/class/net/eth0/statistics/rx_bytes); {receive} & until grep -q "
            + "':1389 .* 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null; do usleep 50000; done");
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        _one.Shell(send);
        process.Refresh();
        var used = process.TotalProcessorTime - before;
        string arrived = _other.Shell($"wait $!; echo $((($(cat /sys/class/net/eth0/statistics/rx_bytes) - before) / {1 << 20})) MB "
            + "arri''ved");
        return Arrived().Match(arrived) is { Success: true } match
            && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) >= Megabytes
            ? Megabytes / used.TotalSeconds
            : throw new InvalidOperationException($"{Megabytes} MB were sent: {arrived}");
    }

    /// <summary>Round trips from one to the other, one after the other.</summary>
    /// <returns>Each in milliseconds as ping measures it, and of all the processor time of this process.</returns>
    public (double[] Trips, TimeSpan Used) Ping(int count)
    {
        // What is printed is a character at a time, and takes longer than the ping.
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        _one.Shell($"ping -A -c {count} 10.0.0.2 >/tmp/trips");
        process.Refresh();
        var used = process.TotalProcessorTime - before;
        var found = Trips().Matches(_one.Shell("cat /tmp/trips"));
        return ([.. found.Select(trip => double.Parse(trip.Groups[1].ValueSpan, CultureInfo.InvariantCulture))], used);
    }

    /// <summary>Both power off in order.</summary>
    public void End()
    {
        _one.Type("poweroff -f");
        _other.Type("poweroff -f");
        _one.End();
        _other.End();
    }

    public void Dispose()
    {
        _node.DisposeAsync().AsTask().Wait();
        _log.Dispose();
    }

    [GeneratedRegex(@"(\d+) MB arrived")]
    private static partial Regex Arrived();

    [GeneratedRegex(@" time=([\d.]+) ms")]
    private static partial Regex Trips();
}
