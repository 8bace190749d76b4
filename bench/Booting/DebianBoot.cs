// How long somebody waits for the shell of a distribution's kernel, from the moment the command is given, with all that a Guest usually
// has. The same kernel with the same words on qemu's translator stands beside it, from the same minutes. The first time that a kernel is
// seen it has to be unpacked, which is told apart: each run has the cache of the first one.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lguest.Bench.Comparing;
using Lguest.Guest.Cpu;
using Lguest.Launcher.Images;
using Lguest.Net.Outside;

namespace Lguest.Bench.Booting;

/// <summary>Seconds from ./lguest to the shell of the slower of Debian's kernels.</summary>
/// <param name="engine">What executes its code.</param>
/// <param name="most">The promise.</param>
internal sealed class DebianBoot(EngineKind engine, double most) : IBenchmark
{
    private const int Runs = 5;
    private const int Megabytes = 256;
    private const long DiskBytes = 8 << 20;

    public string Name => $"boot of a Debian kernel to its shell, {Engines.WordOf(engine)}";

    public Target Target { get; } = Target.AtMost(most, "s");

    public Measurement Run()
    {
        if (!DebianKernels.AreHere)
            return Measurement.Unavailable(DebianKernels.Missing);
        ShippedProgram.Prepare();
        string disk = Path.GetTempFileName();
        var cache = Directory.CreateTempSubdirectory("lguest-cache");
        try
        {
            using (var file = File.OpenWrite(disk))
                file.SetLength(DiskBytes);
            var found = DebianKernels.Flavours.Select(flavour => Measure(flavour, disk, cache.FullName)).ToList();
            return Measurement.Of(
                found.Max(kernel => kernel.Seconds),
                $"the slower of {string.Join("; ", found.Select(kernel => kernel.Remark))} (medians of {Runs})");
        }
        finally
        {
            File.Delete(disk);
            cache.Delete(recursive: true);
        }
    }

    private (double Seconds, string Remark) Measure(string flavour, string disk, string cache)
    {
        double unpacking = Boot(flavour, disk, cache).UntilMarker.TotalSeconds;
        var runs = Enumerable.Range(0, Runs)
            .Select(_ => (Here: Boot(flavour, disk, cache), Peer: QemuPeer.IsHere ? Peer(flavour, disk) : 0))
            .ToList();
        double seconds = runs.Select(run => run.Here.UntilMarker.TotalSeconds).Median();
        double first = runs.Select(run => run.Here.UntilPrinting.TotalSeconds).Median();
        string peer = QemuPeer.IsHere
            ? string.Create(CultureInfo.InvariantCulture, $", qemu {runs.Select(run => run.Peer).Median():F2} s") : "";
        return (seconds, string.Create(CultureInfo.InvariantCulture,
            $"{flavour}: {seconds:F2} s, its first line after {first:F2} s, the first time {unpacking:F2} s{peer}"));
    }

    private ShippedProgram.Result Boot(string flavour, string disk, string cache)
    {
        string[] card = WaysOut.ProblemWithNat() is null ? ["--tunnet=nat"] : [];
        return ShippedProgram.RunWith(cache, DebianKernels.Prompt, "poweroff -f\n",
        [
            $"--engine={Engines.WordOf(engine)}", "--rng", $"--block={disk}", .. card, $"--initrd={DebianKernels.Initrd(flavour)}",
            $"{Megabytes}", DebianKernels.Kernel(flavour),
        ]);
    }

    private static double Peer(string flavour, string disk)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(QemuPeer.Program,
        [
            "-accel", "tcg", "-m", $"{Megabytes}", "-kernel", DebianKernels.Kernel(flavour), "-initrd", DebianKernels.Initrd(flavour),
            "-append", PcBoot.DefaultCommandLine, "-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot", "-drive",
            $"file={disk},if=virtio,format=raw", "-device", "virtio-rng-pci", "-nic", "user,model=virtio-net-pci",
        ])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var printed = new StringBuilder();
            char[] buffer = new char[4096];
            while (!printed.ToString().Contains(DebianKernels.Prompt, StringComparison.Ordinal))
            {
                int count = process.StandardOutput.Read(buffer);
                if (count == 0)
                    throw new InvalidOperationException($"{QemuPeer.Program} ended: {process.StandardError.ReadToEnd()}");
                printed.Append(buffer, 0, count);
            }

            return watch.Elapsed.TotalSeconds;
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }
}
