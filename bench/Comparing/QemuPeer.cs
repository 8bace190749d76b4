// The same kernel and the same commands on qemu's translator (TCG), a program many people know the speed of. The Guest's kernel has no
// driver for a console that qemu has; so its own script does the work, and after each command a tiny program writes a byte to the port of
// the first serial line. Where that byte comes out, here, the processor time of qemu is read.

using System.Diagnostics;
using System.IO.Compression;
using Lguest.Bench.Booting;

namespace Lguest.Bench.Comparing;

/// <summary>One run of qemu-system-i386.</summary>
internal static class QemuPeer
{
    private const string Program = "qemu-system-i386";
    private const int Megabytes = 64;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    public static bool IsHere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Seconds of processor time for each command of <see cref="ShellWork"/>, round by round; the first warms up and is left
    /// out.</summary>
    public static double[][] Measure(string kernel, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("lguest-bench-");
        try
        {
            string image = Path.Combine(folder.FullName, "image");
            string disk = Path.Combine(folder.FullName, "initrd");
            File.WriteAllBytes(image, MultibootImage.Of(File.ReadAllBytes(kernel)));
            WriteDisk(disk, rounds + 1);
            using var process = Process.Start(new ProcessStartInfo(Program,
            [
                "-accel", "tcg", "-m", $"{Megabytes}", "-kernel", image, "-initrd", disk, "-append", "rdinit=/peer", "-display", "none",
                "-serial", "stdio", "-monitor", "none", "-no-reboot",
            ])
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            try
            {
                return Read(process, rounds);
            }
            finally
            {
                process.Kill();
                process.WaitForExit();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double[][] Read(Process process, int rounds)
    {
        using var late = new CancellationTokenSource(_patience);
        var output = process.StandardOutput.BaseStream;
        byte[] one = new byte[1];
        double last = Next();
        double[][] all = [.. Enumerable.Range(0, rounds + 1).Select(_ => ShellWork.All.Select(_ => Took()).ToArray())];
        return all[1..];

        double Took()
        {
            double from = last;
            last = Next();
            return last - from;
        }

        double Next()
        {
            if (output.ReadAsync(one, late.Token).AsTask().Result == 0)
                throw new InvalidOperationException($"{Program} ended: {process.StandardError.ReadToEnd()}");
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>The kernels' own disk, and behind it another one with the script and the program that tells of its progress; Linux unpacks
    /// both.</summary>
    private static void WriteDisk(string path, int rounds)
    {
        string round = string.Concat(ShellWork.All.Select(work => $"{work.Command}\n/tell\n"));
        string script = "#!/bin/busybox sh\nexport PATH=/bin:/sbin:/usr/bin:/usr/sbin\n"
            + "mount -t tmpfs tmpfs /dev\nmount -t tmpfs tmpfs /tmp\nmknod -m 666 /dev/null c 1 3\n" + $"{ShellWork.Prepare}\n/tell\n"
            + string.Concat(Enumerable.Repeat(round, rounds)) + "while :; do sleep 1000; done\n";
        using var file = File.Create(path);
        file.Write(File.ReadAllBytes(Kernels.Initrd));
        using var packed = new GZipStream(file, CompressionLevel.Fastest);
        var archive = new CpioWriter(packed);
        archive.Add("peer", System.Text.Encoding.ASCII.GetBytes(script));
        archive.Add("tell", PortProgram.Bytes());
        archive.End();
    }
}
