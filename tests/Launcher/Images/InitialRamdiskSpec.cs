// An initrd that was cut short is noticed before anything boots; one in a form that is not looked into is passed on.

using Lguest.Devices;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class InitialRamdiskSpec
{
    private static readonly byte[] _content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 0x9E3779B1L >> 17))];

    [Fact]
    public void Complete_archives_are_accepted()
    {
        InitialRamdisk.Check(Files.Cpio("init", _content), "initrd");
        InitialRamdisk.Check(Files.Gzip(Files.Cpio("init", _content)), "initrd");
        InitialRamdisk.Check([.. Files.Cpio("microcode", _content), .. Files.Gzip(Files.Cpio("init", _content))], "initrd");
    }

    [Fact]
    public void Forms_that_are_not_looked_into_are_accepted()
    {
        InitialRamdisk.Check([0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 1, 2, 3], "initrd.xz");
        InitialRamdisk.Check(Files.Gzip("an ext2 file system, say"u8.ToArray()), "initrd.img");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(100)]
    [InlineData(5000)]
    public void A_truncated_gzip_is_refused(int missing)
    {
        byte[] whole = Files.Gzip(Files.Cpio("init", _content));

        var refused = Should.Throw<RefusedException>(() => InitialRamdisk.Check(whole[..^missing], "/boot/initrd.gz"));

        refused.Message.ShouldContain("/boot/initrd.gz is damaged");
        refused.Message.ShouldContain("copy it again");
    }

    [Theory]
    [InlineData(150)]
    [InlineData(50_000)]
    [InlineData(100_000)]
    public void A_truncated_archive_is_refused(int kept)
    {
        byte[] whole = Files.Cpio("init", _content);

        Should.Throw<RefusedException>(() => InitialRamdisk.Check(whole[..kept], "initrd")).Message.ShouldContain(
            "ends before its last entry");
        Should.Throw<RefusedException>(() => InitialRamdisk.Check(Files.Gzip(whole[..kept]), "initrd")).Message.ShouldContain(
            "ends before its last entry");
    }

    [Fact]
    public void An_empty_file_is_refused() =>
        Should.Throw<RefusedException>(() => InitialRamdisk.Check([], "initrd")).Message.ShouldContain("is an empty file");
}
