// One session with a real kernel: it boots, session.sh and ext2.sh are typed into its console, it powers off; every check of the scripts
// must have come out right, and the checksums that they print must be the host's own.

using System.Collections.Immutable;
using Lguest.Launcher;

namespace Lguest.Host.Tests.Kernels;

internal static class KernelSession
{
    private const string Ready = "LGUEST-SHELL-READY";
    private const int DiskBytes = 8 << 20;

    /// <summary>Runs the session and throws where anything came out wrong.</summary>
    /// <param name="disk">Overwritten: the disk of the Guest.</param>
    /// <returns>One line about how long it took.</returns>
    public static string Run(string kernel, string initrd, string disk)
    {
        File.WriteAllBytes(disk, new byte[DiskBytes]);

        // 2.6.23 has no entropy source, and disks of another name.
        bool isGeneration1 = Path.GetFileName(kernel).Contains("2.6.23", StringComparison.Ordinal);
        string script = $"DISK={(isGeneration1 ? "lgba" : "vda")}\n{TypedSession.Script("session.sh")}{TypedSession.Script("ext2.sh")}";
        ImmutableArray<DeviceOption> devices = [new DeviceOption.Block(disk)];

        // What a kernel says later on would stand behind a prompt, where a busy host has both at once, and nobody would type any more.
        var options = new LauncherOptions(
            64, kernel, ["console=hvc0", "quiet"], isGeneration1 ? devices : devices.Add(new DeviceOption.Rng()), initrd);

        var session = TypedSession.Run(options, Ready, script);

        byte[] content = File.ReadAllBytes(disk);
        content.Length.ShouldBe(DiskBytes);
        session.ShouldHaveSummed("disk", content);

        // The same files once more, read from the disk by us, and the books of the file system checked.
        var files = new Ext2Image(content).Files;
        files.Keys.ShouldBe(["/dir/file", .. Enumerable.Range(1, 8).Select(number => $"/n{number}"), "/r"]);
        for (int number = 1; number <= 8; number++)
            files[$"/n{number}"].ShouldBe(TypedSession.Numbers);
        files["/dir/file"].ShouldBe("deep\n"u8.ToArray());
        session.ShouldHaveSummed("random", files["/r"]);
        return $"{Path.GetFileName(kernel)}: {session.Summary}";
    }
}
