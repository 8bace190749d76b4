// One small packet to the other Guest and back, as its user sees it: through both kernels, both cards, the lan, and four interrupts. It is
// time on a clock, so that a machine that does something else meanwhile shows in it.

using System.Globalization;
using Lguest.Bench.Booting;
using Lguest.Launcher;

namespace Lguest.Bench.Net;

/// <summary>The median of pings between two Debian Guests on one node.</summary>
internal sealed class DebianPing : IBenchmark
{
    private const int Pings = 1000;

    public string Name => "ping of two Debian Guests on one node";

    public Target Target { get; } = Target.AtMost(0.3, "ms");

    public Measurement Run()
    {
        if (DebianKernels.With("686", [new DeviceOption.Net(ShellPair.Lan)]) is not { } options)
            return Measurement.Unavailable(DebianKernels.Missing);
        using var pair = new ShellPair(options, DebianKernels.Prompt);
        pair.Ping(Pings);
        var (trips, used) = pair.Ping(Pings);
        Array.Sort(trips);
        pair.End();
        if (trips.Length < Pings)
            throw new InvalidOperationException($"{trips.Length} of {Pings} pings were answered");
        return Measurement.Of(trips[Pings / 2], string.Create(CultureInfo.InvariantCulture,
            $"686, median of {Pings}, 99 % within {trips[Pings * 99 / 100]:F2} ms, {used.TotalMilliseconds / Pings:F2} ms of CPU each"));
    }
}
