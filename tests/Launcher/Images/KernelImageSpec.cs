// What the Launcher makes of kernel files: good ones of both formats, and every kind of wrong one that the command line promises to
// explain.

using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class KernelImageSpec
{
    [Fact]
    public void An_elf_kernel_goes_to_its_physical_addresses_and_starts_at_its_entry()
    {
        var image = KernelImage.Read(Files.Elf(Files.Linux("3.11.10"), 0x200000, memoryBytes: 0x5000, entry: 0x200010), "vmlinux");

        var segment = image.Segments.ShouldHaveSingleItem();
        segment.Address.Value.ShouldBe(0x200000u);
        segment.Content.ToArray().ShouldBe(Files.Linux("3.11.10"));
        image.Entry.Value.ShouldBe(0x200010u);
        image.End.ShouldBe(0x205000u);
        image.Release.ShouldBe(new LinuxRelease(3, 11, 10));
    }

    [Fact]
    public void A_bzimage_goes_to_one_megabyte_and_says_how_much_it_needs()
    {
        var image = KernelImage.Read(Files.BzImage(Files.Linux("2.6.32"), "2.6.32.61", protocol: 0x020a), "bzImage");

        image.Segments.ShouldHaveSingleItem().Address.Value.ShouldBe(0x100000u);
        image.Entry.Value.ShouldBe(0x100000u);
        image.End.ShouldBe(0x400000u);
        image.Release.ShouldBe(new LinuxRelease(2, 6, 32));
    }

    [Theory]
    [InlineData("2.6.24", "2.6.24", DescriptorFormat.Tagged, 128, true, SuppressionRule.Flag, 16)]
    [InlineData("2.6.25.20", "2.6.25", DescriptorFormat.Records, 128, true, SuppressionRule.Flag, 16)]
    [InlineData("2.6.26-2-686", "2.6.26", DescriptorFormat.Records, 128, true, SuppressionRule.FlagUnlessEmpty, 16)]
    [InlineData("2.6.28", "2.6.27 - 2.6.30", DescriptorFormat.Records, 256, true, SuppressionRule.FlagUnlessEmpty, 24)]
    [InlineData("2.6.29-rc1", "2.6.27 - 2.6.30", DescriptorFormat.Records, 256, true, SuppressionRule.FlagUnlessEmpty, 24)]
    [InlineData("2.6.32.61", "2.6.31 - 2.6.35", DescriptorFormat.Records, 256, true, SuppressionRule.FlagUnlessEmpty, 16)]
    [InlineData("2.6.39", "3.x", DescriptorFormat.Records, 256, false, SuppressionRule.Flag, 16)]
    [InlineData("3.0", "3.x", DescriptorFormat.Records, 256, false, SuppressionRule.Flag, 16)]
    public void The_release_in_the_image_decides_what_is_laid_out(
        string release, string name, object descriptors, int ringSize, bool startsOnTables, object suppression, int blockConfig)
    {
        foreach (byte[]? file in new[] { Files.Elf(Files.Linux(release)), Files.BzImage(Files.Linux(release), release) })
        {
            var generation = KernelImage.Read(file, "kernel").Generation;

            generation.Name.ShouldBe(name);
            generation.Descriptors.ShouldBe(descriptors);
            generation.RingSize.ShouldBe((ushort)ringSize);
            generation.StartsOnTables.ShouldBe(startsOnTables);
            generation.Suppression.ShouldBe(suppression);
            generation.BlockConfigBytes.ShouldBe(blockConfig);
        }
    }

    [Fact]
    public void A_kernel_that_is_not_Linux_is_taken_at_its_word() =>
        KernelImage.Read(Files.Elf("any code"u8.ToArray()), "puppy").Generation.ShouldBe(GuestGeneration.Linux3);

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "is an empty file", [] },
        { "neither an ELF vmlinux nor a bzImage", "#!/bin/sh\necho hello\n"u8.ToArray() },
        { "64-bit kernel", Change(Files.Elf([1]), file => file[4] = 2) },
        { "64-bit kernel", Files.BzImage(Files.Linux("3.11"), "3.11", protocol: 0x020c, xLoadFlags: 1) },
        { "64-bit kernel", Files.BzImage(Change(Files.Elf(Files.Linux("3.11")), file => file[4] = 2), "3.11") },
        { "for another processor", Change(Files.Elf([1]), file => file[18] = 40) },
        { "not an executable with fixed addresses", Change(Files.Elf([1]), file => file[16] = 3) },
        { "invalid size", Change(Files.Elf([1]), file => file[42] = 56) },
        { "program headers lie outside", Change(Files.Elf([1]), file => Files.Put32(file, 28, 0xfffffff0)) },
        { "program headers lie outside", Change(Files.Elf([1]), file => Files.Put16(file, 44, 0xffff)) },
        { "segment 0 lies outside the file", Files.Elf(Files.Linux("3.11"))[..100] },
        { "segment 0 lies outside the file", Change(Files.Elf(Files.Linux("3.11")), file => Place(file, 0xffffffe0, 0x40)) },
        { "segment 0 lies outside the file", Change(Files.Elf(Files.Linux("3.11")), file => Place(file, 84, 0xffffffff)) },
        { "program headers lie outside", Change(Files.Elf([1]), file => Files.Put32(file, 28, 0xffffffe0)) },
        { "more bytes in the file than in memory", Files.Elf([1, 2, 3], memoryBytes: 2) },
        { "nothing to load", Change(Files.Elf([1]), file => file[52] = 4) },
        { "ends inside its header", Files.Elf([1])[..40] },
        { "no lguest support; build it with CONFIG_LGUEST_GUEST", Files.Elf(Files.Linux("3.11", lguest: false)) },
        { "no lguest support", Files.BzImage(Files.Linux("3.11", lguest: false), "3.11") },
        { "Linux 4.14.1, which is not supported; use 2.6.23 to 4.13", Files.Elf(Files.Linux("4.14.1")) },
        { "(Linux 2.6.23) has no entry for lguest; build it with CONFIG_LGUEST", Files.BzImage(Files.Linux("2.6.23"), "2.6.23") },
        { "loads low", Files.BzImage(Files.Linux("3.11"), "3.11", loadFlags: 0) },
        { "is too old", Files.BzImage(Files.Linux("3.11"), "3.11", protocol: 0x0203) },
        { "ends inside its setup header", Files.BzImage(Files.Linux("3.11"), "3.11")[..0x220] },
        { "ends inside its real-mode part", Files.BzImage(Files.Linux("3.11"), "3.11")[..0x1000] },
        { "entry point lies outside", Change(Files.BzImage(Files.Linux("3.11"), "3.11"), file => Files.Put32(file, 0x214, 0x1000)) },
    };

    [Fact]
    public void The_oldest_boot_protocol_that_tells_what_is_needed_is_read() =>
        KernelImage.Read(Files.BzImage(Files.Linux("2.6.32"), "2.6.32.61", protocol: 0x0204),
            "bzImage").Release.ShouldBe(new LinuxRelease(2, 6, 32));

    [Fact]
    public void A_bzimage_that_was_cut_short_is_told_by_its_length_wherever_that_was()
    {
        byte[] whole = Files.BzImage(Files.Linux("3.11"), "3.11");
        Files.Put32(whole, 0x1f4, (uint)(whole.Length - 0x1000 + 15) / 16);
        KernelImage.Read(whole, "bzImage").Release.ShouldBe(new LinuxRelease(3, 11, 0));
        int length = 0x1000 + ((whole.Length - 0x1000 + 15) / 16 * 16);

        for (int cut = 0x1001; cut <= length - 16; cut++)
        {
            Should.Throw<RefusedException>(() => KernelImage.Read(whole.AsMemory(0, cut), "bzImage"))
                .Message.ShouldBe($"kernel bzImage is damaged: it has only {cut} of {length} bytes; build or copy it again");
        }

        KernelImage.Read((byte[])[.. whole, .. new byte[512]], "signed").Release.ShouldBe(new LinuxRelease(3, 11, 0));
    }

    [Theory, MemberData(nameof(Refused))]
    public void A_file_that_cannot_run_is_refused_on_one_line_that_says_why(string why, byte[] file)
    {
        var refused = Should.Throw<RefusedException>(() => KernelImage.Read(file, "/boot/some-kernel"));

        refused.Message.ShouldContain(why);
        refused.Message.ShouldContain("/boot/some-kernel");
        refused.Message.ShouldNotContain("\n");
    }

    private static byte[] Change(byte[] file, Action<byte[]> change)
    {
        change(file);
        return file;
    }

    private static void Place(byte[] file, uint offset, uint fileBytes)
    {
        Files.Put32(file, 56, offset);
        Files.Put32(file, 68, fileBytes);
        Files.Put32(file, 72, 0xffffffff);
    }
}
