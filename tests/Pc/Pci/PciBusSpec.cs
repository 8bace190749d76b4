// PCI as kernels meet it: found, walked, measured and moved through two ports.
using Lguest.Machine;
using Lguest.Pc.Pci;

namespace Lguest.Pc.Tests.Pci;

public sealed class PciBusSpec
{
    private const byte Irq = 11;

    private static readonly PciIdentity _block = new(0x1AF4, 0x1042, 0x010000, 1, 0x1AF4, 0x40);

    private readonly TestBus _bus = new();
    private readonly TestLine _line = new();
    private readonly PciBus _pci = new();
    private readonly PciFunction _function;
    private readonly Registers _registers = new();

    public PciBusSpec()
    {
        _pci.Attach(_bus.Ports);
        _function = new PciFunction(_block, _line, Irq);
        _function.AddWindow(4, 0x4000, _registers);
        _pci.Add(3, _function);
    }

    [Fact]
    public void Linux_finds_mechanism_one_and_not_two()
    {
        _bus.Out(0xCFB, 1);
        _bus.OutDouble(0xCF8, 0x80000000);
        _bus.InDouble(0xCF8).ShouldBe(0x80000000);

        _bus.Out(0xCFB, 0);
        _bus.Out(0xCF8, 0);
        _bus.Out(0xCFA, 0);
        _bus.In(0xCF8).ShouldBe((byte)0xFF);
        _bus.InDouble(0xCF8).ShouldBe(0x80000000);
    }

    [Fact]
    public void The_first_device_is_a_host_bridge()
    {
        Select(0, 8);
        _bus.InWord(0xCFE).ShouldBe((ushort)0x0600);
    }

    [Fact]
    public void Every_width_reads_at_every_offset()
    {
        Select(3, 0);
        _bus.InDouble(0xCFC).ShouldBe(0x10421AF4u);
        _bus.InWord(0xCFC).ShouldBe((ushort)0x1AF4);
        _bus.InWord(0xCFE).ShouldBe((ushort)0x1042);
        byte[] bytes = [.. Enumerable.Range(0xCFC, 4).Select(_bus.In)];
        bytes.ShouldBe([0xF4, 0x1A, 0x42, 0x10]);
        _bus.InWord(0xCFD).ShouldBe((ushort)0x421A);
        _bus.InDouble(0xCFE).ShouldBe(0xFFFF1042u, "past CFFh is nothing");
        Select(3, 0x2C);
        _bus.InDouble(0xCFC).ShouldBe(0x00401AF4u);
        Select(3, 0x08);
        _bus.InDouble(0xCFC).ShouldBe(0x01000001u);
    }

    [Theory]
    [InlineData(0x80000000u | 4 << 11), InlineData(0x80000000u | 3 << 11 | 1 << 8), InlineData(0x80010000u | 3 << 11)]
    [InlineData(0x00000000u | 3 << 11), InlineData(0x80800000u | 3 << 11)]
    public void What_is_not_there_reads_all_ones(uint address)
    {
        _bus.OutDouble(0xCF8, address);
        _bus.OutDouble(0xCFC, 0);

        _bus.InDouble(0xCFC).ShouldBe(uint.MaxValue);
        _bus.InWord(0xCFE).ShouldBe(ushort.MaxValue);
    }

    [Fact]
    public void A_window_tells_its_size_by_the_bits_that_stay_zero()
    {
        Select(3, 0x20);
        _bus.OutDouble(0xCFC, uint.MaxValue);
        _bus.InDouble(0xCFC).ShouldBe(0xFFFFC000u);
        foreach (int register in (int[])[0x10, 0x14, 0x18, 0x1C, 0x24, 0x30])
        {
            Select(3, register);
            _bus.OutDouble(0xCFC, uint.MaxValue);
            _bus.InDouble(0xCFC).ShouldBe(0u);
        }
    }

    [Fact]
    public void A_window_answers_where_it_was_put_while_memory_is_on()
    {
        int changes = 0;
        _pci.RegionsChanged += () => changes++;
        Place(0xE0000000);
        _pci.Find(0xE0000000, 4).ShouldBeNull();

        Turn(0x0002);
        _pci.Find(0xE0003FFC, 4).ShouldBe(new MmioRegion(0xE0000000, 0x4000, _registers));
        _pci.Find(0xE0003FFD, 4).ShouldBeNull("across the end");
        _pci.Find(0xDFFFFFFF, 1).ShouldBeNull();
        Place(0x10000000);
        _pci.Find(0xE0000000, 4).ShouldBeNull();
        _pci.Find(0x10000000, 1).ShouldNotBeNull();
        Turn(0);
        _pci.Find(0x10000000, 1).ShouldBeNull();
        changes.ShouldBe(4);
    }

    [Fact]
    public void A_window_at_the_very_end_of_the_address_space_does_not_wrap()
    {
        Place(uint.MaxValue);
        Turn(0x0002);

        _pci.Find(0xFFFFFFFF, 1).ShouldNotBeNull();
        _pci.Find(0xFFFFFFFF, 2).ShouldBeNull();
        _pci.Find(0, 1).ShouldBeNull();
        _pci.Find(ulong.MaxValue, 4).ShouldBeNull();
    }

    [Fact]
    public void Linux_tests_the_interrupt_switch_by_the_command_register()
    {
        Select(3, 4);
        _bus.OutWord(0xCFC, 0x0400);
        _bus.InWord(0xCFC).ShouldBe((ushort)0x0400);
        _bus.OutWord(0xCFC, 0xFFFF);
        _bus.InWord(0xCFC).ShouldBe((ushort)0x0547);
        _bus.OutWord(0xCFE, 0xFFFF);
        _bus.InWord(0xCFE).ShouldBe((ushort)0, "status cannot be written");
    }

    [Fact]
    public void The_interrupt_shows_in_status_and_goes_out_unless_it_is_turned_off()
    {
        Select(3, 4);
        _function.Interrupt.Set(true);
        _line.Level.ShouldBeTrue();
        _bus.In(0xCFE).ShouldBe((byte)0x08);
        _bus.Out(0xCFD, 0x04);
        _line.Level.ShouldBeFalse();
        _bus.In(0xCFE).ShouldBe((byte)0x08);
        _bus.Out(0xCFD, 0);
        _line.Level.ShouldBeTrue();
        _function.Interrupt.Set(false);
        _line.Level.ShouldBeFalse();
        _bus.In(0xCFE).ShouldBe((byte)0);
    }

    [Fact]
    public void The_line_register_names_the_interrupt_and_pin_one_has_it()
    {
        Select(3, 0x3C);
        _bus.InWord(0xCFC).ShouldBe((ushort)0x010B);
        _bus.OutWord(0xCFC, 0x0505);
        _bus.InWord(0xCFC).ShouldBe((ushort)0x0105);
    }

    [Fact]
    public void Capabilities_are_a_list()
    {
        int first = _function.AddCapability(0x09, [16, 1, 4, 0, 0, 0]);
        int second = _function.AddCapability(0x09, [20, 2]);
        first.ShouldBe(0x40);
        second.ShouldBe(0x48);

        Select(3, 4);
        _bus.In(0xCFE).ShouldBe((byte)0x10);
        Select(3, 0x34);
        _bus.In(0xCFC).ShouldBe((byte)0x40);
        Select(3, 0x40);
        _bus.InDouble(0xCFC).ShouldBe(0x01104809u);
        Select(3, 0x48);
        _bus.InDouble(0xCFC).ShouldBe(0x02140009u);
        _bus.OutDouble(0xCFC, 0);
        _bus.InDouble(0xCFC).ShouldBe(0x02140009u);
        Should.Throw<ArgumentException>(() => _function.AddCapability(9, new byte[200]));
    }

    [Fact]
    public void A_saved_function_answers_where_it_was()
    {
        Place(0xE0000000);
        Turn(0x0006);
        _function.Interrupt.Set(true);
        var line = new TestLine();
        var twin = new PciFunction(_block, line, Irq);
        twin.AddWindow(4, 0x4000, _registers);

        twin.State = _function.State;

        twin.Regions.ShouldBe(_function.Regions);
        line.Level.ShouldBeTrue();
    }

    [Fact]
    public void Places_and_sizes_are_checked()
    {
        Should.Throw<ArgumentException>(() => _pci.Add(0, _function));
        Should.Throw<ArgumentOutOfRangeException>(() => _function.AddWindow(6, 0x1000, _registers));
        Should.Throw<ArgumentOutOfRangeException>(() => _function.AddWindow(0, 0x1001, _registers));
    }

    [Fact]
    public void The_address_register_has_no_other_bits_than_those_of_an_address()
    {
        _bus.OutDouble(0xCF8, uint.MaxValue);
        _bus.InDouble(0xCF8).ShouldBe(0x80FFFFFCu);
    }

    [Fact]
    public void The_upper_half_of_configuration_space_is_its_own()
    {
        _function.AddCapability(0x09, new byte[0x40 - 2]);
        _function.AddCapability(0x0A, new byte[2]);
        Select(3, 0x80);
        _bus.In(0xCFC).ShouldBe((byte)0x0A);
    }

    [Fact]
    public void A_write_changes_the_bytes_that_it_names_and_says_so_only_if_a_window_has_changed()
    {
        Place(0xE0000000);
        Turn(0x0002);
        int changes = 0;
        _pci.RegionsChanged += () => changes++;
        Place(0xE0000000);
        Select(3, 0x0C);
        _bus.OutDouble(0xCFC, uint.MaxValue);
        _bus.InDouble(0xCFC).ShouldBe(0x0000FFFFu, "cache line size and latency");
        Select(3, 0x3C);
        _bus.Out(0xCFC, 0xFF);
        _bus.In(0xCFC).ShouldBe((byte)0xFF);
        changes.ShouldBe(0);
        Select(3, 0x20);
        _bus.Out(0xCFE, 0x12);
        _bus.InDouble(0xCFC).ShouldBe(0xE0120000u);
        changes.ShouldBe(1);
    }

    [Fact]
    public void Memory_is_turned_on_by_its_own_bit_alone()
    {
        Place(0xE0000000);
        Turn(0x0505);
        _pci.Regions.ShouldBeEmpty();
    }

    [Fact]
    public void A_window_may_be_there_from_the_start_and_a_function_come_later()
    {
        _pci.Regions.ShouldBeEmpty();
        PciFunction late = new(_block);
        Should.Throw<ArgumentOutOfRangeException>(() => late.AddWindow(0, 8, _registers));
        late.AddWindow(0, 16, _registers, 0xE0001238);
        late.State = late.State with { Configuration = [.. late.State.Configuration.Select((one, at) => at == 4 ? (byte)2 : one)] };
        _pci.Add(4, late);
        _pci.Regions.ShouldBe([new MmioRegion(0xE0001230, 16, _registers)]);
    }

    [Fact]
    public void The_bus_sees_where_the_windows_of_a_function_are_that_was_put_back()
    {
        Place(0xE0000000);
        Turn(0x0002);
        var there = _function.State;
        Place(0xD0000000);
        _pci.Find(0xD0000000, 4).ShouldNotBeNull();
        _function.State = there;
        _pci.Find(0xE0000000, 4).ShouldNotBeNull();
    }

    private void Select(int device, int register) => _bus.OutDouble(0xCF8, 0x80000000 | (uint)(device << 11) | (uint)register);

    private void Place(uint address)
    {
        Select(3, 0x20);
        _bus.OutDouble(0xCFC, address);
    }

    private void Turn(int command)
    {
        Select(3, 4);
        _bus.OutWord(0xCFC, command);
    }

    private sealed class Registers : IMmioDevice
    {
        public uint Read(ulong offset, int bytes, long now) => 0;

        public void Write(ulong offset, int bytes, uint value, long now)
        {
        }
    }
}
