// Which family a kernel is of, and so what its Guest can have, hangs on the release that it says it is.

using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Launcher.Tests.Images;

namespace Lguest.Launcher.Tests.Boards;

public sealed class BoardFamilySpec
{
    /// <summary>9P2000.L is in Linux from 2.6.36 on, and with its errors from 2.6.37.</summary>
    [Theory]
    [InlineData("2.6.24", "Linux before 2.6.37 has no driver for a folder of the host; leave --share out (in a topology: shares)")]
    [InlineData("2.6.32.61", "Linux before 2.6.37 has no driver for a folder of the host; leave --share out (in a topology: shares)")]
    [InlineData("2.6.36", "Linux before 2.6.37 has no driver for a folder of the host; leave --share out (in a topology: shares)")]
    [InlineData("2.6.37-rc1", null)]
    [InlineData("2.6.39.4", null)]
    [InlineData("3.0", null)]
    [InlineData("3.11.10", null)]
    [InlineData("4.1.18", null)]
    [InlineData("4.13", null)]
    public void A_folder_of_the_host_needs_Linux_with_its_own_9P(string release, string? problem)
    {
        var family = BoardFamily.Of(KernelFile.Read(Files.Elf(Files.Linux(release)), "vmlinux"));
        var refusal = BoardRules.Find(family, new LauncherOptions(32, "vmlinux", [], [new DeviceOption.Share("/", "root")]));
        refusal?.Problem.ShouldBe(problem);
        (refusal?.Subject).ShouldBe(problem is null ? null : BoardSubject.Folder);
        BoardRules.Find(family, new LauncherOptions(32, "vmlinux", [], [new DeviceOption.Rng()])).ShouldBeNull();
    }

    [Fact]
    public void A_kernel_that_is_not_Linux_is_taken_for_the_latest_of_its_kind() =>
        BoardFamily.Of(KernelFile.Read(Files.Elf("any code"u8.ToArray()), "puppy")).ShouldBe(BoardFamily.Virtio);
}
