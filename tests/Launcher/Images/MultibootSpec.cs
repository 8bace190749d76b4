// Kernels with a Multiboot header: which files are such kernels, what they are told and where, and what is refused.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices;
using Lguest.Guest.Memory;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class MultibootSpec
{
    private const uint Ram = 16 << 20;
    private const uint Info = MultibootBoot.LowAddress;

    private static readonly byte[] _code = [0xfa, 0xf4, 1, 2, 3, 4, 5, 6];

    [Fact]
    public void A_header_with_addresses_says_where_the_file_goes()
    {
        var kernel = Read(Files.Multiboot(_code, clear: 100));

        var segment = kernel.Segments.ShouldHaveSingleItem();
        (segment.Address.Value, segment.MemoryBytes).ShouldBe((0x100000u, 32 + 8 + 100u));
        segment.Content.Span[32..].ToArray().ShouldBe(_code);
        (kernel.Entry.Value, kernel.End).ShouldBe((0x100020u, 0x10008cul));
    }

    [Theory]
    [InlineData(8192 - 32, true)]
    [InlineData(8192 - 28, false)]
    public void It_is_looked_for_in_the_first_8_KiB(int before, bool isFound)
    {
        byte[] file = [.. new byte[before], .. Files.Multiboot(_code)];

        if (isFound)
            Read(file).Segments[0].Content.Span[32..].ToArray().ShouldBe(_code);
        else
            Should.Throw<RefusedException>(() => Read(file)).Message.ShouldContain("it ends inside its Multiboot header");
        Should.Throw<RefusedException>(() => Read([0, 0, .. Files.Multiboot(_code)])).Message.ShouldContain("is not a kernel");
    }

    [Fact]
    public void What_comes_before_the_header_is_loaded_if_the_header_says_so()
    {
        byte[] file = [.. new byte[8], .. Files.Multiboot(_code)];
        Files.Put32(file, 8 + 16, 0x100000 - 4);
        Files.Put32(file, 8 + 20, 0x100000 + 40 - 2);

        var segment = Read(file).Segments.ShouldHaveSingleItem();

        (segment.Address.Value, segment.Content.Length).ShouldBe((0xffffcu, 4 + 40 - 2));
        segment.Content.Span[4..8].SequenceEqual(file.AsSpan(8, 4)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0x400000u, 0x40000cu, 0x40000cu)]
    [InlineData(0x400000u, 0xC040000cu, 0x40000cu)]
    public void Without_addresses_it_is_the_ELF_file_that_says_where_it_goes(uint physical, uint entry, uint start)
    {
        var kernel = Read(Files.Elf([.. Files.MultibootHeader(0), .. _code], physical, memoryBytes: 0x3000, entry: entry));

        kernel.Segments.ShouldHaveSingleItem().Address.Value.ShouldBe(physical);
        (kernel.Entry.Value, kernel.End).ShouldBe((start, physical + 0x3000ul));
    }

    [Fact]
    public void It_may_be_packed_with_gzip_and_a_wrong_sum_makes_it_another_kernel()
    {
        byte[] file = Files.Elf([.. Files.MultibootHeader(3), .. _code]);

        Read(Files.Gzip(file)).Entry.Value.ShouldBe(0x100000u);
        file[84 + 8]++;
        KernelFile.Read(file, "kernel").ShouldNotBeOfType<MultibootKernel>();
    }

    [Theory]
    [InlineData(4u, "wants a video mode")]
    [InlineData(0x12u, "wants what no boot loader of Multiboot 0.6.96 has: flags 0x12")]
    [InlineData(0u, "gives no addresses")]
    public void What_it_wants_and_there_is_not_is_refused(uint flags, string why) =>
        Should.Throw<RefusedException>(() => Read([.. Files.MultibootHeader(flags), .. new byte[64]])).Message.ShouldContain(why);

    [Theory]
    [InlineData(16, 0x100004u, "do not fit its place in the file")]
    [InlineData(16, 0xffff0u, "do not fit its place in the file")]
    [InlineData(20, 0x100000u, "lies outside the file")]
    [InlineData(20, 0x100029u, "lies outside the file")]
    [InlineData(24, 0x100010u, "ends before what is loaded")]
    [InlineData(28, 0x100028u, "its entry point 0x100028 lies outside the image")]
    [InlineData(28, 0xfffffu, "its entry point 0xfffff lies outside the image")]
    public void A_damaged_header_is_refused(int at, uint value, string why)
    {
        byte[] file = Files.Multiboot(_code);
        Files.Put32(file, at, value);

        Should.Throw<RefusedException>(() => Read(file)).Message.ShouldContain(why);
    }

    [Fact]
    public void It_is_told_of_memory_its_command_line_and_its_module()
    {
        byte[] module = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        var boot = MultibootBoot.Plan(Read(Files.Multiboot(_code)), "images/test.flat", Ram, ["one", "two=2"], module, "images/module.txt");
        using var memory = Load(boot);

        boot.Start.ShouldBe(new PcStart(new GuestPhysical(0x100020), 0, Info, 0x2badb002));
        U32(memory, Info).ShouldBe(0x24du);
        (U32(memory, Info + 4), U32(memory, Info + 8)).ShouldBe((639u, 15u << 10));
        Text(memory, U32(memory, Info + 16)).ShouldBe("test.flat one two=2");
        U32(memory, Info + 20).ShouldBe(1u);
        uint entry = U32(memory, Info + 24);
        (U32(memory, entry), U32(memory, entry + 4), U32(memory, entry + 12)).ShouldBe((0x101000u, 0x101000u + 5000, 0u));
        Text(memory, U32(memory, entry + 8)).ShouldBe("module.txt");
        memory.Span(new GuestPhysical(0x101000), 5000).ToArray().ShouldBe(module);
        Text(memory, U32(memory, Info + 64)).ShouldBe("lguest");
    }

    [Fact]
    public void Its_map_has_entries_that_say_how_long_they_are()
    {
        using var memory = Load(MultibootBoot.Plan(Read(Files.Multiboot(_code)), "test", Ram, [], default, null));

        U32(memory, Info).ShouldBe(0x245u, "no module");
        U32(memory, Info + 44).ShouldBe(4 * 24u);
        uint map = U32(memory, Info + 48);
        Enumerable.Range(0, 4).Select(i => map + (uint)(24 * i))
            .Select(at => (U32(memory, at), U32(memory, at + 4), U32(memory, at + 12), U32(memory, at + 20)))
            .ShouldBe([(20, 0, 0x9fc00, 1), (20, 0x9fc00, 0x400, 2), (20, 0xf0000, 0x10000, 2), (20, 0x100000, Ram - 0x100000, 1)]);
    }

    [Theory]
    [InlineData(0xff00u, 0x100000u)]
    [InlineData(0x1fff0u, 0x100000u)]
    [InlineData(0x20000u, MultibootBoot.LowAddress)]
    [InlineData(0x5000u, MultibootBoot.LowAddress)]
    public void A_kernel_in_low_memory_keeps_its_place(uint load, uint info)
    {
        var boot = MultibootBoot.Plan(Read(Files.Multiboot(_code, load, clear: 0x200)), "test", Ram, [], default, null);

        boot.Start.Ebx.ShouldBe(info);
        boot.Writes.ShouldContain(write => write.Address.Value == load);
    }

    [Theory]
    [InlineData(0x100000u, 15 << 20, "16 MB of memory is too little for kernel test and its module, which take 17 MB")]
    [InlineData(0x1000000u, 0, "which takes 17 MB")]
    [InlineData(0x9fbffu, 0, "reaches into what a PC keeps for its BIOS")]
    [InlineData(0xf0000u, 0, "reaches into what a PC keeps for its BIOS")]
    public void What_does_not_fit_is_refused(uint load, int module, string why) =>
        Should.Throw<RefusedException>(() =>
            MultibootBoot.Plan(Read(Files.Multiboot(_code, load)), "test", Ram, [], new byte[module], "module")).Message.ShouldContain(why);

    [Fact]
    public void Arguments_without_end_are_refused() =>
        Should.Throw<RefusedException>(() =>
            MultibootBoot.Plan(Read(Files.Multiboot(_code)), "test", Ram, [new string('x', 0x10000)], default, null))
            .Message.ShouldContain("leave some out");

    [Fact]
    public void Its_board_is_a_PC()
    {
        LauncherOptions options = new(16, "test", [], []);

        var kernel = Read(Files.Multiboot(_code));
        var family = BoardFamily.Of(kernel);
        family.Make(kernel, [], options).Kind.ShouldBe("PC, Multiboot");
        BoardRules.Find(family, options with { Board = "pc" }).ShouldBeNull();
        BoardRules.Find(family, options with { Board = "lguest" }).ShouldNotBeNull()
            .Problem.ShouldBe("kernel test is a Multiboot kernel, for a PC; leave --board=lguest out (in a topology: board = auto)");
    }

    private static MultibootKernel Read(byte[] file) => KernelFile.Read(file, "test").ShouldBeOfType<MultibootKernel>();

    private static GuestMemory Load(PcBoot boot)
    {
        GuestMemory memory = new(Ram, 0);
        foreach (var write in boot.Writes)
            memory.TryWrite(write.Address, write.Content.Span).ShouldBeTrue();
        return memory;
    }

    private static uint U32(GuestMemory memory, uint at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(memory.Span(new GuestPhysical(at), 4));

    private static string Text(GuestMemory memory, uint at)
    {
        var bytes = memory.Span(new GuestPhysical(at), 100);
        return Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }
}
