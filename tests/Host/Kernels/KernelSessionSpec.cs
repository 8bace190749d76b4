// Real Linux kernels, where somebody has some: LGUEST_KERNELS names a folder of vmlinux-* or bzImage-* files and an initrd.gz with a
// busybox shell. Each boots, runs session.sh on its console, and powers off.

using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed partial class KernelSessionSpec(ITestOutputHelper report)
{
    public static TheoryData<string> Kernels => KernelFolder.Named is { } folder
        ? [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Where(name => KernelName().IsMatch(name)).Order()]
        : ["none"];

    [SkippableTheory, MemberData(nameof(Kernels))]
    public void A_kernel_boots_to_its_shell_and_a_session_of_commands_comes_out_right(string kernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        string disk = Path.GetTempFileName();
        try
        {
            report.WriteLine(KernelSession.Run(Path.Combine(folder, kernel), Path.Combine(folder, "initrd.gz"), disk));
        }
        finally
        {
            File.Delete(disk);
        }
    }

    [GeneratedRegex("^(vmlinux|bzImage)-")]
    private static partial Regex KernelName();
}
