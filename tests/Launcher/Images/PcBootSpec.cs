// What is written where before a PC Guest starts, field by field as the boot protocol has it, and what is refused because it has no room.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class PcBootSpec
{
    private const uint Ram = 64 << 20;
    private const uint Page = 0x10000;

    private static readonly byte[] _elf = Files.Elf(Files.Linux("6.1.176", lguest: false), 0x1000000, memoryBytes: 0x5000);
    private static readonly PcKernel _kernel = Read(Files.PcImage(Files.Gzip(Files.WithNote(_elf, "Xen\0", 18, 4, 0x1000010))));
    private static readonly byte[] _initrd = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
    private static readonly byte[] _seed = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    [Fact]
    public void The_kernel_is_at_its_addresses_and_its_cpu_at_the_entry()
    {
        var boot = Plan(_kernel);
        using var memory = Load(boot);

        boot.Start.ShouldBe(new PcStart(new GuestPhysical(0x1000000), Page, 0));
        memory.Span(new GuestPhysical(0x1000000), 8).ToArray().ShouldBe(Files.Linux("6.1.176", lguest: false)[..8]);
    }

    [Fact]
    public void Boot_params_say_where_initrd_command_line_and_seed_are()
    {
        using var memory = Load(Plan(_kernel, ["root=/dev/vda", "console=hvc0"]));

        memory.Span(new GuestPhysical(Page + 0x1f1), 0x1f).ToArray().ShouldBe(_kernel.SetupHeader.AsSpan()[..0x1f].ToArray());
        (U8(memory, 0x1ef), U8(memory, 0x210), U8(memory, 0x211)).ShouldBe(((byte)0, (byte)0xff, (byte)1));
        U32(memory, 0x260).ShouldBe(0x100c000u);
        (U32(memory, 0x218), U32(memory, 0x21c)).ShouldBe((Ram - 0x2000, 5000u));
        memory.Span(new GuestPhysical(Ram - 0x2000), 5000).ToArray().ShouldBe(_initrd);
        U32(memory, 0x228).ShouldBe(0x20000u);
        Text(memory, 0x20000).ShouldBe(PcBoot.DefaultCommandLine + " root=/dev/vda console=hvc0");
        (U32(memory, 0x250), U32(memory, 0x254)).ShouldBe((0x40000u, 0u));
        byte[] node = [0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 32, 0, 0, 0, .. _seed];
        memory.Span(new GuestPhysical(0x40000), 48).ToArray().ShouldBe(node);
    }

    [Fact]
    public void The_map_has_ram_below_and_above_the_hole()
    {
        using var memory = Load(Plan(_kernel));

        U8(memory, 0x1e8).ShouldBe((byte)4);
        Enumerable.Range(0, 4).Select(i => (Wide(memory, 0x2d0 + (20 * i)), Wide(memory, 0x2d8 + (20 * i)), U32(memory, 0x2e0 + (20 * i))))
            .ShouldBe([(0ul, 0x9fc00ul, 1u), (0x9fc00ul, 0x400ul, 2u), (0xf0000ul, 0x10000ul, 2u), (0x100000ul, Ram - 0x100000ul, 1u)]);
    }

    [Fact]
    public void Ram_that_has_no_room_below_the_hole_goes_on_at_4_GiB()
    {
        const uint Most = 4095u << 20;

        PcMemoryMap.Of(0xe0000000)[^1].ShouldBe(new PcMemoryRange(0x100000, 0xdff00000, 1));
        PcMemoryMap.Of(Most)[^2..].ShouldBe(
            [new PcMemoryRange(0x100000, 0xdff00000, 1), new PcMemoryRange(0x1_0000_0000, Most - 0xe0000000ul, 1)]);
        PcMemoryMap.Of(Ram, 0x2000000)[^2..].ShouldBe(
            [new PcMemoryRange(0x100000, 0x1f00000, 1), new PcMemoryRange(0x1_0000_0000, Ram - 0x2000000, 1)]);
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("pvh")]
    public void With_a_hole_all_is_put_below_it_and_the_kernel_is_told_of_the_rest(string word)
    {
        var door = PcEntries.Parse(word)!.Value;
        var boot = PcBoot.Plan(_kernel, "kernel", Ram, [], _initrd, _seed, door, lowBytes: 0x2000000);
        using var memory = Load(boot);

        boot.Writes.ShouldAllBe(write => write.End <= 0x2000000);
        boot.Writes.Single(write => write.Content.Length == 5000).Address.Value.ShouldBe(0x1ffe000u);
        int last = door == PcEntry.Pvh ? 0x6060 + (4 * 24) - (int)Page : 0x2d0 + (4 * 20);
        (Wide(memory, last), Wide(memory, last + 8), U32(memory, last + 16)).ShouldBe((0x1_0000_0000ul, Ram - 0x2000000ul, 1u));
        Should.Throw<RefusedException>(() => PcBoot.Plan(_kernel, "kernel", Ram, [], _initrd, _seed, door, lowBytes: 0x1000000))
            .Message.ShouldContain("16 MB of memory is too little for kernel kernel");
    }

    [Fact]
    public void A_kernel_without_a_header_gets_one()
    {
        using var memory = Load(PcBoot.Plan(Read(_elf), "vmlinux", Ram, [], default, default));

        (U32(memory, 0x202), U32(memory, 0x1fc) >> 16, U32(memory, 0x206) & 0xffff).ShouldBe((0x53726448u, 0xaa55u, 0x20fu));
        (U8(memory, 0x210), U8(memory, 0x211), U32(memory, 0x230)).ShouldBe(((byte)0xff, (byte)1, 0x1000000u));
        (U32(memory, 0x218), U32(memory, 0x21c), U32(memory, 0x250)).ShouldBe((0u, 0u, 0u));
    }

    [Fact]
    public void A_kernel_that_knows_no_further_data_gets_none()
    {
        byte[] old = Files.PcImage(Files.Gzip(_elf));
        Files.Put16(old, 0x206, 0x0208);

        Plan(Read(old)).Writes.ShouldNotContain(write => write.Address.Value == 0x40000);
    }

    [Fact]
    public void A_packed_kernel_is_entered_at_one_megabyte_and_has_room_to_unpack()
    {
        var boot = Plan(_kernel, door: PcEntry.Packed);

        boot.Start.ShouldBe(new PcStart(new GuestPhysical(0x100000), Page, 0));
        int length = _kernel.Packed!.Segments[0].Content.Length;
        boot.Writes.ShouldContain(write => write.Address.Value == 0x100000 && write.Content.Length == length);
        Should.Throw<RefusedException>(() => Plan(_kernel, ram: 32 << 20, door: PcEntry.Packed)).Message.ShouldContain("which takes 33 MB");
    }

    [Fact]
    public void The_entry_for_virtual_machines_gets_its_own_description()
    {
        var boot = Plan(_kernel, door: PcEntry.Pvh);
        using var memory = Load(boot);

        boot.Start.ShouldBe(new PcStart(new GuestPhysical(0x1000010), 0, 0x6000));
        uint[] head = [.. Enumerable.Range(0, 14).Select(i => U32(memory, 0x6000 + (4 * i) - (int)Page))];
        head.ShouldBe([0x336ec578, 1, 0, 1, 0x6040, 0, 0x20000, 0, 0, 0, 0x6060, 0, 4, 0]);
        (Wide(memory, 0x6040 - (int)Page), Wide(memory, 0x6048 - (int)Page)).ShouldBe((Ram - 0x2000ul, 5000ul));
        (Wide(memory, 0x60a8 - (int)Page), Wide(memory, 0x60b0 - (int)Page), U32(memory, 0x60b8 - (int)Page))
            .ShouldBe((0x100000ul, Ram - 0x100000ul, 1u));
    }

    [Fact]
    public void An_initrd_is_not_above_what_the_kernel_reaches()
    {
        byte[] low = Files.PcImage(Files.Gzip(_elf));
        Files.Put32(low, 0x22c, 0x1ffffff);

        Start(Plan(Read(low))).ShouldBe(0x1ffe000u);
        Start(PcBoot.Plan(_kernel, "kernel", 2048u << 20, [], _initrd, default)).ShouldBe(0x37ffe000u);

        static uint Start(PcBoot boot) => boot.Writes.Single(write => write.Content.Length == 5000).Address.Value;
    }

    [Theory]
    [InlineData(16, 0, "16 MB of memory is too little for kernel vm, which takes 17 MB")]
    [InlineData(17, 1 << 20, "17 MB of memory is too little for kernel vm and its initrd, which take 18 MB")]
    public void What_does_not_fit_is_refused(int megabytes, int initrd, string why) =>
        Should.Throw<RefusedException>(() => PcBoot.Plan(_kernel, "vm", (uint)megabytes << 20, [], new byte[initrd], default))
            .Message.ShouldContain(why);

    [Fact]
    public void A_command_line_may_be_as_long_as_the_kernel_reads()
    {
        string longest = new('x', 0x7ff - PcBoot.DefaultCommandLine.Length - 1);

        Plan(_kernel, [longest]);

        Should.Throw<RefusedException>(() => Plan(_kernel, [longest + "x"])).Message.ShouldContain("reads at most 2047 bytes of arguments");
    }

    [Fact]
    public void Segments_that_lie_where_they_cannot_are_refused()
    {
        PcKernel Two(uint first, uint second) => _kernel with
        {
            Segments = [new(new(first), new byte[0x1000], 0x1000), new(new(second), new byte[0x1000], 0x1000)],
        };

        Plan(Two(0x1000000, 0x1001000));
        Should.Throw<RefusedException>(() => Plan(Two(0x1000000, 0x1000fff))).Message.ShouldContain("its segments overlap");
        Should.Throw<RefusedException>(() => Plan(Two(0xff000, 0x1000000))).Message.ShouldContain("overlaps its boot parameters");
    }

    [Fact]
    public void A_door_that_is_not_there_is_refused()
    {
        foreach (var (word, door) in PcEntries.Words.Skip(1))
            Should.Throw<RefusedException>(() => Plan(Read(_elf), door: door)).Message.ShouldContain($"no entry for --boot={word};");
    }

    private static PcBoot Plan(PcKernel kernel, string[]? words = null, uint ram = Ram, PcEntry door = PcEntry.Unpacked) =>
        PcBoot.Plan(kernel, "kernel", ram, words ?? [], _initrd, _seed, door);

    private static PcKernel Read(byte[] file) => KernelFile.Read(file, "kernel").ShouldBeOfType<PcKernel>();

    private static GuestMemory Load(PcBoot boot)
    {
        var memory = new GuestMemory(Ram);
        foreach (var write in boot.Writes)
            memory.TryWrite(write.Address, write.Content.Span).ShouldBeTrue();
        return memory;
    }

    private static byte U8(GuestMemory memory, int field) => memory.Span(new GuestPhysical((uint)((int)Page + field)), 1)[0];

    private static uint U32(GuestMemory memory, int field) =>
        BinaryPrimitives.ReadUInt32LittleEndian(memory.Span(new GuestPhysical((uint)((int)Page + field)), 4));

    private static ulong Wide(GuestMemory memory, int field) => U32(memory, field) | ((ulong)U32(memory, field + 4) << 32);

    private static string Text(GuestMemory memory, uint address)
    {
        var bytes = memory.Span(new GuestPhysical(address), 2048);
        return Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }
}
