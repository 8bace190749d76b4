// Real Linux kernels, where somebody has some: LGUEST_KERNELS names a folder of vmlinux-* or bzImage-* files and an initrd.gz with a busybox shell.
// Each boots, runs session.sh on its console, and powers off; the checksums that it prints are compared with the host's own.

using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lguest.Host.Launcher;
using Lguest.Host.Tests.Launcher;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class KernelSessionSpec(ITestOutputHelper report)
{
    private const string Ready = "LGUEST-SHELL-READY";
    private const int DiskBytes = 8 << 20;

    private static string? Folder => Environment.GetEnvironmentVariable("LGUEST_KERNELS");

    public static TheoryData<string> Kernels => Folder is { } folder
        ? [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Where(name => KernelName().IsMatch(name)).Order()]
        : ["none"];

    [Theory, MemberData(nameof(Kernels))]
    public void A_kernel_boots_to_its_shell_and_a_session_of_commands_comes_out_right(string kernel)
    {
        if (Folder is not { } folder)
        {
            report.WriteLine("not run: set LGUEST_KERNELS to a folder with vmlinux-* or bzImage-* and initrd.gz");
            return;
        }

        var disk = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(disk, new byte[DiskBytes]);
            Session(Path.Combine(folder, kernel), Path.Combine(folder, "initrd.gz"), disk);
        }
        finally
        {
            File.Delete(disk);
        }
    }

    private void Session(string kernel, string initrd, string disk)
    {
        var script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", "session.sh"));
        var options = new LauncherOptions(64, kernel, ["console=hvc0"], [new DeviceOption.Block(disk), new DeviceOption.Rng()], initrd);
        var watch = Stopwatch.StartNew();
        var ready = TimeSpan.Zero;
        var printed = new Printed();
        printed.Changed = text =>
        {
            if (ready == TimeSpan.Zero && text.Contains(Ready, StringComparison.Ordinal))
                ready = watch.Elapsed;
        };
        using var error = new StringWriter();

        var code = LauncherProgram.Run(options, new MemoryStream(Encoding.ASCII.GetBytes(script)), printed, error, () => null, out var outcome);

        report.WriteLine($"{Path.GetFileName(kernel)}: shell after {ready.TotalSeconds:f2} s, session {watch.Elapsed.TotalSeconds:f1} s, {outcome?.Statistics}");
        var lines = printed.Text.ReplaceLineEndings("\n").Split('\n');
        code.ShouldBe(0, $"{error} {string.Join('\n', lines[Math.Max(0, lines.Length - 20)..])}");
        lines.Where(line => line.StartsWith("FAILED ", StringComparison.Ordinal)).ShouldBeEmpty();
        lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)).ShouldBe(Check().Count(script));
        lines.ShouldContain("SESSION-END");

        var numbers = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 60_000).Select(number => $"{number}\n")));
        lines.ShouldContain($"HOST md5 seq60000 {Hex(MD5.HashData(numbers))}");
        lines.ShouldContain($"HOST sha256 seq60000 {Hex(SHA256.HashData(numbers))}");
        lines.ShouldContain($"HOST sha512 seq60000 {Hex(SHA512.HashData(numbers))}");
        var content = File.ReadAllBytes(disk);
        content.Length.ShouldBe(DiskBytes);
        lines.ShouldContain($"HOST md5 vda {Hex(MD5.HashData(content))}");
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    [GeneratedRegex("^(vmlinux|bzImage)-")]
    private static partial Regex KernelName();

    [GeneratedRegex(@"(^|; )check [a-z_0-9]+ ", RegexOptions.Multiline)]
    private static partial Regex Check();
}
