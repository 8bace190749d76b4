// An hour of work in a loop: what leaks, or goes wrong once in a thousand times, shows only then. LGUEST_SOAK_MINUTES says for how long (an
// hour is LGUEST_SOAK_MINUTES=60), LGUEST_KERNELS names the lguest kernels, LGUEST_LINUX=on asks for a stock Linux. Sessions of the kernels
// take turns, all in this one process.

using System.Diagnostics;
using Lguest.Host.Tests.Programs;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class SoakSpec(ITestOutputHelper report) : IDisposable
{
    private const int LeastRounds = 5;

    /// <summary>What the process may weigh more at its end than half-way: the garbage collector's and the allocator's play. Until half-way,
    /// heaps and pools grow to the size that they keep.</summary>
    private const long Play = 12L << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lguest-soak-");

    [SkippableFact]
    public void Sessions_in_a_loop_neither_fail_nor_make_the_process_heavier()
    {
        string folder = KernelFolder.With("initrd.gz");
        string[] kernels = Directory.GetFiles(folder, "vmlinux-*").Order().ToArray();
        kernels.ShouldNotBeEmpty();
        string disk = Path.Combine(_folder.FullName, "disk");

        Repeat(kernels.Length, turn => KernelSession.Run(kernels[turn], Path.Combine(folder, "initrd.gz"), disk));
    }

    [SkippableFact]
    public void Sessions_of_a_stock_Linux_in_a_loop_neither_fail_nor_make_the_process_heavier()
    {
        StockLinux.Want();

        Repeat(2, turn => DebianSession.Run(pae: turn == 1, _folder.FullName));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs sessions for as long as was asked, and looks whether they leave anything behind.</summary>
    /// <param name="turns">How many kinds of them there are.</param>
    /// <param name="session">Runs one of a kind.</param>
    private void Repeat(int turns, Func<int, string> session)
    {
        double minutes = SoakTime.Minutes();
        var weights = new List<long>();
        var watch = Stopwatch.StartNew();
        try
        {
            while (watch.Elapsed.TotalMinutes < minutes || weights.Count < LeastRounds * turns)
            {
                session(weights.Count % turns);
                GC.Collect();
                GC.WaitForPendingFinalizers();
                weights.Add(Environment.WorkingSet);
            }
        }
        finally
        {
            report.WriteLine($"{weights.Count} sessions in {watch.Elapsed.TotalMinutes:f1} minutes; megabytes: "
                + $"{string.Join(' ', weights.Select(weight => weight >> 20))}");
        }

        // A Guest's memory that is not given back shows at once, a small thing that each session leaves behind in an hour: what counts is
        // whether it goes on.
        long halfWay = Median(weights.Skip(weights.Count / 2).Take(turns));
        long late = Median(weights.TakeLast(turns));
        (late - halfWay).ShouldBeLessThan(Play);
    }

    private static long Median(IEnumerable<long> weights)
    {
        long[] ordered = weights.Order().ToArray();
        return ordered[ordered.Length / 2];
    }
}
