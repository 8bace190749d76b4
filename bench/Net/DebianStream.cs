// The same stream between two Guests with the unmodified kernel of a distribution, on the boards of plain PCs, whose cards are on PCI.

using Lguest.Bench.Booting;
using Lguest.Guest.Cpu;
using Lguest.Launcher;

namespace Lguest.Bench.Net;

/// <summary>The rate of a stream between two Debian Guests with one engine.</summary>
/// <param name="engine">Which.</param>
/// <param name="least">The promise.</param>
internal sealed class DebianStream(EngineKind engine, double least) : IBenchmark
{
    public string Name => $"TCP stream of two Debian Guests on one core, engine {engine.ToString().ToLowerInvariant()}";

    public Target Target { get; } = Target.AtLeast(least, "MB/s");

    /// <summary>Its nc moves a kilobyte at a time, and what is measured then is how fast a Guest calls its kernel; so dd has the
    /// connection.</summary>
    private static string Piped(string end, string peer) =>
        $"nc {peer} -e sh -c 'exec dd {end} bs=64k{(peer[0] == '-' ? "" : $" count={ShellPair.Megabytes * 16}")} 2>/dev/null'";

    public Measurement Run()
    {
        if (DebianKernels.With("686", [new DeviceOption.Net(ShellPair.Lan)]) is not { } options)
            return Measurement.Unavailable(DebianKernels.Missing);
        using var pair = new ShellPair(options, DebianKernels.Prompt, engine);
        double rate = LinuxStream.Median(pair, Piped("of=/dev/null", "-l -p 5001"), Piped("if=/dev/zero", "10.0.0.2 5001"));
        return Measurement.Of(rate, $"686, the median of {LinuxStream.Windows}");
    }
}
