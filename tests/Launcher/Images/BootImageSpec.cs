// A Guest's memory before its first instruction, byte by byte where the ABI sheet names bytes, and what is refused because it cannot fit.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class BootImageSpec
{
    private const int Megabytes = 8;
    private const uint RamBytes = Megabytes << 20;

    [Fact]
    public void Without_an_initrd_the_zero_page_holds_the_fields_of_the_sheet_and_nothing_else()
    {
        using var memory = Load("3.11", [], ["console=hvc0", "quiet"]);

        byte[] expected = new byte[4096];
        expected[0x1e8] = 1;
        Files.Put16(expected, 0x206, 0x0207);
        expected[0x211] = 0x40;
        Files.Put32(expected, 0x228, 0x1000);
        Files.Put32(expected, 0x230, 0x1000000);
        Files.Put32(expected, 0x23c, 1);
        Files.Put32(expected, 0x2d8, RamBytes);
        Files.Put32(expected, 0x2e0, 1);
        memory.Span(default, 4096).ToArray().ShouldBe(expected);
        Text(memory, 0x1000).ShouldBe("console=hvc0 quiet");
    }

    /// <summary>Protocol 2.10 brought the field; before, other bytes may stand there.</summary>
    [Theory]
    [InlineData(0x0209, 0u)]
    [InlineData(0x020a, 0x280000u)]
    [InlineData(0x020d, 0x280000u)]
    public void A_packed_kernel_is_told_how_much_memory_it_wants_to_unpack_itself(ushort protocol, uint told)
    {
        byte[] file = Files.BzImage(Files.Linux("4.13.9"), "4.13.9", protocol);
        Files.Put32(file, 0x258, 0x100000);
        Files.Put32(file, 0x260, 0x280000);
        using var memory = new GuestMemory(RamBytes);

        new BootImage(KernelImage.Read(file, "bzImage"), "bzImage", [], [], Megabytes).LoadInto(memory);

        BinaryPrimitives.ReadUInt32LittleEndian(memory.Span(default, 4096)[0x260..]).ShouldBe(told);
    }

    [Fact]
    public void An_initrd_ends_where_ram_ends_and_its_rounded_size_is_told()
    {
        byte[] initrd = [.. Enumerable.Repeat((byte)0xab, 5000)];

        using var memory = Load("3.11", initrd, []);

        memory.Span(new GuestPhysical(RamBytes - 8192), 5000).ToArray().ShouldBe(initrd);
        memory.Span(new GuestPhysical(RamBytes - 8192 + 5000), 8192 - 5000).ToArray().ShouldAllBe(value => value == 0);
        var page = memory.Span(default, 4096);
        page[0x210].ShouldBe((byte)0xff);
        BinaryPrimitives.ReadUInt32LittleEndian(page[0x218..]).ShouldBe(RamBytes - 8192);
        BinaryPrimitives.ReadUInt32LittleEndian(page[0x21c..]).ShouldBe(8192u);
    }

    [Fact]
    public void The_first_virtio_kernel_has_a_blank_behind_its_last_argument()
    {
        using var memory = Load("2.6.24", [], ["a", "b"]);

        Text(memory, 0x1000).ShouldBe("a b ");
    }

    [Fact]
    public void Too_little_memory_is_refused_and_the_need_is_named()
    {
        var kernel = KernelImage.Read(Files.Elf(Files.Linux("3.11"), memoryBytes: 6 << 20), "vmlinux");

        var refused = Should.Throw<RefusedException>(() => new BootImage(kernel, "vmlinux", new byte[2 << 20], [], Megabytes));

        refused.Message.ShouldStartWith("8 MB of memory is too little for kernel vmlinux and its initrd, which take 9 MB");
        _ = new BootImage(kernel, "vmlinux", new byte[2 << 20], [], 9);
    }

    [Fact]
    public void A_kernel_over_its_boot_parameters_and_an_entry_outside_of_memory_are_refused()
    {
        Refuse(Files.Elf([1], physical: 0x1000)).ShouldContain("overlaps its boot parameters");
        Refuse(Files.Elf([1], entry: 0xC0100000)).ShouldContain("entry point 0xc0100000 lies outside memory");
    }

    [Fact]
    public void A_command_line_longer_than_kernels_read_is_refused()
    {
        var kernel = KernelImage.Read(Files.Elf([1]), "vmlinux");

        Should.Throw<RefusedException>(() => new BootImage(
            kernel, "vmlinux", [], [new string('x', 2048)], Megabytes)).Message.ShouldContain("at most 2047");
        _ = new BootImage(kernel, "vmlinux", [], [new string('x', 2047)], Megabytes);
    }

    private static string Refuse(byte[] file) =>
        Should.Throw<RefusedException>(() => new BootImage(KernelImage.Read(file, "vmlinux"), "vmlinux", [], [], Megabytes)).Message;

    private static GuestMemory Load(string release, byte[] initrd, string[] arguments)
    {
        byte[] kernel = Files.Linux(release);
        var image = new BootImage(KernelImage.Read(Files.Elf(kernel), "vmlinux"), "vmlinux", initrd, arguments, Megabytes);
        var memory = new GuestMemory(RamBytes);
        image.LoadInto(memory);
        memory.Span(new GuestPhysical(0x100000), (uint)kernel.Length).ToArray().ShouldBe(kernel);
        return memory;
    }

    private static string Text(GuestMemory memory, uint address)
    {
        var bytes = memory.Span(new GuestPhysical(address), 4096);
        return Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }
}
