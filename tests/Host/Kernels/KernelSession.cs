// One session with a real kernel: it boots, session.sh is typed into its console, it powers off; every check of the script must have come
// out right, and the checksums that it prints must be the host's own.

using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lguest.Devices.Tests;
using Lguest.Host.Programs;
using Lguest.Launcher;

namespace Lguest.Host.Tests.Kernels;

internal static partial class KernelSession
{
    private const string Ready = "LGUEST-SHELL-READY";
    private const int DiskBytes = 8 << 20;

    /// <summary>Runs the session and throws where anything came out wrong.</summary>
    /// <param name="disk">Overwritten: the disk of the Guest.</param>
    /// <returns>One line about how long it took.</returns>
    public static string Run(string kernel, string initrd, string disk)
    {
        File.WriteAllBytes(disk, new byte[DiskBytes]);
        string script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", "session.sh"));

        // 2.6.23 has no entropy source, and disks of another name.
        bool isGeneration1 = Path.GetFileName(kernel).Contains("2.6.23", StringComparison.Ordinal);
        script = $"DISK={(isGeneration1 ? "lgba" : "vda")}\n" + script;
        ImmutableArray<DeviceOption> devices = [new DeviceOption.Block(disk)];
        var options = new LauncherOptions(64, kernel, ["console=hvc0"], isGeneration1 ? devices : devices.Add(new DeviceOption.Rng()),
            initrd);
        var watch = Stopwatch.StartNew();
        var ready = TimeSpan.Zero;
        var printed = new Printed();
        // One line for each prompt, as a person types. All at once would be more than a Guest's terminal holds, and these kernels' terminal
        // layer may then stop its driver for good: a race that Linux 3.12 mended.
        using var keyboard = new Keyboard();
        var waiting = new Queue<string>(script.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        printed.Changed = text =>
        {
            if (ready == TimeSpan.Zero && text.Contains(Ready, StringComparison.Ordinal))
                ready = watch.Elapsed;
            if ((text.EndsWith("# ", StringComparison.Ordinal) || text.EndsWith("> ", StringComparison.Ordinal))
                && waiting.TryDequeue(out string? line))
                keyboard.Type(line + "\n");
        };
        using var error = new StringWriter();

        int code = LauncherProgram.Run(options, keyboard, printed, error, () => null, out var outcome);

        string[] lines = printed.Text.ReplaceLineEndings("\n").Split('\n');
        code.ShouldBe(0, $"{error} {string.Join('\n', lines[Math.Max(0, lines.Length - 20)..])}");
        lines.Where(line => line.StartsWith("FAILED ", StringComparison.Ordinal)).ShouldBeEmpty();
        lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)).ShouldBe(Check().Count(script));
        lines.ShouldContain("SESSION-END");

        byte[] numbers = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 60_000).Select(number => $"{number}\n")));
        lines.ShouldContain($"HOST md5 seq60000 {Hex(MD5.HashData(numbers))}");
        lines.ShouldContain($"HOST sha256 seq60000 {Hex(SHA256.HashData(numbers))}");
        lines.ShouldContain($"HOST sha512 seq60000 {Hex(SHA512.HashData(numbers))}");
        byte[] content = File.ReadAllBytes(disk);
        content.Length.ShouldBe(DiskBytes);
        lines.ShouldContain($"HOST md5 disk {Hex(MD5.HashData(content))}");

        // The same files once more, read from the disk by us, and the books of the file system checked.
        var files = new Ext2Image(content).Files;
        files.Keys.ShouldBe(["/dir/file", .. Enumerable.Range(1, 8).Select(number => $"/n{number}"), "/r"]);
        for (int number = 1; number <= 8; number++)
            files[$"/n{number}"].ShouldBe(numbers);
        files["/dir/file"].ShouldBe("deep\n"u8.ToArray());
        lines.ShouldContain($"HOST md5 random {Hex(MD5.HashData(files["/r"]))}");
        return $"{Path.GetFileName(kernel)}: shell after {ready.TotalSeconds:f2} s, session {watch.Elapsed.TotalSeconds:f1} s, "
            + $"{outcome?.Statistics}";
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    [GeneratedRegex(@"(^|; )check [a-z_0-9]+ ", RegexOptions.Multiline)]
    private static partial Regex Check();
}
