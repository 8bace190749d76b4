// What two real Guests get through a TCP stream on one node, per second of processor time of everything that takes part: both Guests'
// instructions, the Switcher, the cards, the lan and the runtime. So it is what one core would carry that does nothing else, however many
// cores there are and whatever else uses them; real lguest was measured with its Host and both Guests on one core.

using System.Globalization;
using Lguest.Bench.Booting;
using Lguest.Launcher;

namespace Lguest.Bench.Net;

/// <summary>The rate of a stream, with the kernel of LGUEST_KERNELS that does worst.</summary>
internal sealed class LinuxStream : IBenchmark
{
    /// <summary>Streams that count.</summary>
    public const int Windows = 5;

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

    /// <summary>The median rate of a few streams. The first warms up: decoding, compiling, the driver's buffers.</summary>
    public static double Median(ShellPair pair, string receive, string send)
    {
        double[] rates = [.. Enumerable.Range(0, Windows + 1).Select(_ => pair.Stream(receive, send)).Skip(1).Order()];
        pair.End();
        return rates[Windows / 2];
    }

    private static double Measure(string kernel)
    {
        using var pair = new ShellPair(
            new LauncherOptions(32, kernel, ["console=hvc0"], [new DeviceOption.Net(ShellPair.Lan)], Kernels.Initrd), "LGUEST-SHELL-READY");
        return Median(pair, "nc -l -p 5001 </dev/null >/dev/null",
            $"dd if=/dev/zero bs=1M count={ShellPair.Megabytes} 2>/dev/null | nc 10.0.0.2 5001");
    }
}
