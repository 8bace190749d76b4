// An hour of work in a loop: what leaks, or goes wrong once in a thousand times, shows only then. LGUEST_SOAK_MINUTES says for how long (an
// hour is LGUEST_SOAK_MINUTES=60), LGUEST_KERNELS names the kernels. Sessions of the kernels take turns, all in this one process.

using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class SoakSpec(ITestOutputHelper report)
{
    private const int LeastRounds = 5;

    /// <summary>What the process may weigh more at its end than half-way: the garbage collector's and the allocator's play. Until half-way,
    /// heaps and pools
    /// grow to the size that they keep.</summary>
    private const long Play = 12L << 20;

    [SkippableFact]
    public void Sessions_in_a_loop_neither_fail_nor_make_the_process_heavier()
    {
        string folder = KernelFolder.With("initrd.gz");
        Skip.IfNot(
            double.TryParse(Environment.GetEnvironmentVariable("LGUEST_SOAK_MINUTES"), CultureInfo.InvariantCulture, out double minutes),
            "LGUEST_SOAK_MINUTES is not set: for how long to repeat sessions of the kernels of LGUEST_KERNELS");
        string[] kernels = Directory.GetFiles(folder, "vmlinux-*").Order().ToArray();
        kernels.ShouldNotBeEmpty();
        string initrd = Path.Combine(folder, "initrd.gz");
        string disk = Path.GetTempFileName();
        var weights = new List<long>();
        var watch = Stopwatch.StartNew();
        try
        {
            while (watch.Elapsed.TotalMinutes < minutes || weights.Count < LeastRounds * kernels.Length)
            {
                KernelSession.Run(kernels[weights.Count % kernels.Length], initrd, disk);
                GC.Collect();
                GC.WaitForPendingFinalizers();
                weights.Add(Environment.WorkingSet);
            }
        }
        finally
        {
            File.Delete(disk);
            report.WriteLine($"{weights.Count} sessions in {watch.Elapsed.TotalMinutes:f1} minutes; megabytes: "
                + $"{string.Join(' ', weights.Select(weight => weight >> 20))}");
        }

        // A Guest's memory that is not given back shows at once, a small thing that each session leaves behind in an hour: what counts is
        // whether it goes on.
        long halfWay = Median(weights.Skip(weights.Count / 2).Take(kernels.Length));
        long late = Median(weights.TakeLast(kernels.Length));
        (late - halfWay).ShouldBeLessThan(Play);
    }

    private static long Median(IEnumerable<long> weights)
    {
        long[] ordered = weights.Order().ToArray();
        return ordered[ordered.Length / 2];
    }
}
