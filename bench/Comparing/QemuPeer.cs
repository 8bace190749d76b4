// The same kernel and the same commands on qemu's translator (TCG), a program many people know the speed of. The Guest's kernel has no
// driver for a console that qemu has; so its own script does the work, and after each command a tiny program writes a byte to the port of
// the first serial line. Where that byte comes out, here, qemu is stopped and its processor time is read, until it is its turn again.

using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Lguest.Bench.Booting;

namespace Lguest.Bench.Comparing;

/// <summary>A machine of qemu-system-i386's, stopped unless it does a command.</summary>
internal sealed partial class QemuPeer(Process process) : IDisposable
{
    public const string Program = "qemu-system-i386";

    private const int Megabytes = 64;
    private const int Continue = 18; // SIGCONT
    private const int Stop = 19; // SIGSTOP
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private double _last;

    public static bool IsHere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Boots the machine, up to the first command of <see cref="ShellWork"/>, and stops it there. It has so many rounds of them
    /// in its script.</summary>
    public static QemuPeer Start(string kernel, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("lguest-bench-");
        try
        {
            string image = Path.Combine(folder.FullName, "image");
            string disk = Path.Combine(folder.FullName, "initrd");
            File.WriteAllBytes(image, MultibootImage.Of(File.ReadAllBytes(kernel)));
            WriteDisk(disk, rounds);
            var peer = new QemuPeer(Process.Start(new ProcessStartInfo(Program,
            [
                "-accel", "tcg", "-m", $"{Megabytes}", "-kernel", image, "-initrd", disk, "-append", "rdinit=/peer", "-display", "none",
                "-serial", "stdio", "-monitor", "none", "-no-reboot",
            ])
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!);
            try
            {
                peer.Next();
                return peer;
            }
            catch // whatever it is: the process must not stay behind
            {
                peer.Dispose();
                throw;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Lets it do its next command.</summary>
    /// <returns>Seconds of processor time.</returns>
    public double Next()
    {
        using var late = new CancellationTokenSource(_patience);
        double from = _last;
        Signal(Continue);
        byte[] one = new byte[1];
        if (process.StandardOutput.BaseStream.ReadAsync(one, late.Token).AsTask().Result == 0)
            throw new InvalidOperationException($"{Program} ended: {process.StandardError.ReadToEnd()}");
        Signal(Stop);
        process.Refresh();
        _last = process.TotalProcessorTime.TotalSeconds;
        return _last - from;
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Signal(int number)
    {
        if (Kill(process.Id, number) != 0)
            throw new InvalidOperationException($"{Program} cannot be told to stop or to go on");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

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
        SystemPrograms.AddTo(archive);
        archive.End();
    }
}
