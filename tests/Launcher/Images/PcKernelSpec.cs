// Which files are kernels for a PC, and what is taken from them: the kernel proper out of a bzImage, however it is packed, with the header
// that stood before it, and the second entry of those that have one.

using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class PcKernelSpec
{
    private static readonly byte[] _elf = Files.Elf(Files.Linux("6.1.176", lguest: false), 0x1000000, memoryBytes: 0x5000);

    [Theory, MemberData(nameof(PackedFiles.Kinds), MemberType = typeof(PackedFiles))]
    public void A_bzimage_of_any_packing_is_left_packed_where_what_it_holds_is_no_elf(string kind)
    {
        var kernel = Read(Files.PcImage(PackedFiles.Payload(kind)));

        kernel.Packed.ShouldBeNull();
        kernel.Segments.ShouldHaveSingleItem().Address.Value.ShouldBe(0x100000u);
        kernel.Entry.Value.ShouldBe(0x100000u);
        kernel.End.ShouldBe(0x1000000u + 0x100c000u);
        kernel.Release.ShouldBe(new LinuxRelease(6, 1, 0));
    }

    [Fact]
    public void The_kernel_proper_comes_out_of_its_bzimage_and_keeps_its_header()
    {
        byte[] image = Files.PcImage(Files.Gzip(_elf));

        var kernel = Read(image);

        kernel.Segments.ShouldHaveSingleItem().Content.ToArray().ShouldBe(Files.Linux("6.1.176", lguest: false));
        (kernel.Entry.Value, kernel.End).ShouldBe((0x1000000u, 0x1005000ul));
        kernel.SetupHeader.ShouldBe(image[0x1f1..0x268]);
        kernel.Packed.ShouldNotBeNull().Segments.ShouldHaveSingleItem().Content.ToArray().ShouldBe(image[0x1000..]);
    }

    [Fact]
    public void An_elf_file_without_lguest_support_is_for_a_pc_packed_or_not()
    {
        foreach (byte[]? file in new[] { _elf, Files.Gzip(_elf) })
        {
            var kernel = Read(file);

            kernel.Segments.ShouldHaveSingleItem().Address.Value.ShouldBe(0x1000000u);
            kernel.SetupHeader.ShouldBeEmpty();
            kernel.PvhEntry.ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("3.11", true, false)]
    [InlineData("3.11", false, true)]
    [InlineData("2.6.23", false, true)]
    [InlineData("2.6.18", true, true)]
    [InlineData("4.1.15", true, false)]
    [InlineData("4.1.15", false, true)]
    [InlineData("4.13.16", true, false)]
    [InlineData("4.14.1", true, true)]
    [InlineData("5.0", true, true)]
    [InlineData("6.1.0-50-686-pae", false, true)]
    public void Release_and_lguest_support_decide_together(string release, bool lguest, bool isPc)
    {
        foreach (byte[]? file in new[] { Files.Elf(Files.Linux(release, lguest)), Files.BzImage(Files.Linux(release, lguest), release) })
            (KernelFile.Read(file, "kernel") is PcKernel).ShouldBe(isPc);
    }

    [Theory]
    [InlineData("Xen\0", 18u, 4u, 0x1000010u, 0x1000010u)]
    [InlineData("Xen\0", 18u, 4u, 0x2000000u, null)]
    [InlineData("Xen\0", 18u, 0u, 0x1000010u, null)]
    [InlineData("Xen\0", 18u, 0xfffffffcu, 0x1000010u, null)]
    [InlineData("Xen\0", 6u, 4u, 0x1000010u, null)]
    [InlineData("GNU\0", 18u, 4u, 0x1000010u, null)]
    public void The_entry_for_virtual_machines_is_named_by_a_note(string owner, uint type, uint length, uint entry, uint? found)
    {
        uint? seen = Read(Files.WithNote(_elf, owner, type, length, entry)).PvhEntry?.Value;

        seen.ShouldBe(found);
    }

    [Fact]
    public void A_kernel_of_another_system_with_that_entry_is_for_a_pc()
    {
        byte[] other = Files.Elf("some other system's code"u8.ToArray(), 0x1000000);

        KernelFile.Read(other, "kernel").ShouldBeOfType<KernelImage>();
        KernelFile.Read(Files.WithNote(other, "Xen\0", 18, 4, 0x1000000), "kernel").ShouldBeOfType<PcKernel>();
    }

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "the kernel inside it cannot be unpacked", Files.PcImage(PackedFiles.Payload("xz")[..^9]) },
        { "64-bit kernel", Files.PcImage(Files.Gzip(Change(_elf, file => file[4] = 2))) },
        { "its entry point 0x10 lies outside the image", Files.PcImage(Files.Gzip(Change(_elf, file => Files.Put32(file, 24, 0x10)))) },
        { "its entry point 0x10 lies outside the image", Change(_elf, file => Files.Put32(file, 24, 0x10)) },
        { "ends above 4 GB", Change(_elf, file => Files.Put32(file, 72, 0xff000001)) },
        { "segment 0 lies outside the file", Files.PcImage(Files.Gzip(Change(_elf, file => Files.Put32(file, 56, 0x10000)))) },
        { "ends inside its header", Files.PcImage(Files.Gzip(_elf[..40])) },
        { "its gzip data is broken", Files.Gzip(_elf)[..^9] },
        { "its gzip data is broken", [0x1f, 0x8b] },
        { "neither an ELF vmlinux nor a bzImage", Files.Gzip("hello"u8.ToArray()) },
    };

    [Theory, MemberData(nameof(Refused))]
    public void A_file_that_cannot_run_is_refused_on_one_line_that_says_why(string why, byte[] file)
    {
        var refused = Should.Throw<RefusedException>(() => KernelFile.Read(file, "/boot/some-kernel"));

        refused.Message.ShouldContain(why);
        refused.Message.ShouldContain("/boot/some-kernel");
        refused.Message.ShouldNotContain("\n");
    }

    private static PcKernel Read(byte[] file) => KernelFile.Read(file, "kernel").ShouldBeOfType<PcKernel>();

    private static byte[] Change(byte[] file, Action<byte[]> change)
    {
        byte[] changed = file.ToArray();
        change(changed);
        return changed;
    }
}
