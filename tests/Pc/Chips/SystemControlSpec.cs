// All the ways by which kernels end a machine, and what they look at before.
using Lguest.Pc.Chips;
using Lguest.Pc.Pci;

namespace Lguest.Pc.Tests.Chips;

public sealed class SystemControlSpec
{
    private readonly TestBus _bus = new();
    private readonly TestLine _line = new();
    private readonly List<PowerAction> _ends = [];
    private readonly SystemControl _system;

    public SystemControlSpec()
    {
        new PciBus().Attach(_bus.Ports);
        _system = new SystemControl(_line, _ends.Add);
        _system.Attach(_bus.Ports);
    }

    [Fact]
    public void The_reset_line_of_the_keyboard_controller_can_be_pulled_without_waiting()
    {
        (_bus.In(0x64) & 2).ShouldBe(0, "kb_wait of Linux");
        _bus.Out(0x64, 0xAA);
        _ends.ShouldBeEmpty();
        _bus.Out(0x64, 0xFE);
        _ends.ShouldBe([PowerAction.Reset]);
    }

    [Fact]
    public void A_keyboard_driver_finds_out_at_once_that_there_is_no_keyboard() =>
        Enumerable.Range(0, 17).Select(_ => (_bus.In(0x60), _bus.In(0x64) & 1)).ShouldAllBe(seen => seen.Item2 == 1);

    [Fact]
    public void Port_92_resets_where_its_bit_rises()
    {
        _bus.In(0x92).ShouldBe((byte)0x02, "address line 20 is open");
        _bus.Out(0x92, 0x02);
        _ends.ShouldBeEmpty();
        _bus.Out(0x92, 0x03);
        _bus.Out(0x92, 0x03);
        _ends.ShouldBe([PowerAction.Reset]);
        _bus.Out(0x92, 0x00);
        _bus.In(0x92).ShouldBe((byte)0);
    }

    [Fact]
    public void The_PCI_reset_register_resets_where_its_bit_rises_and_the_address_register_lies_around_it()
    {
        _bus.OutDouble(0xCF8, 0x80000600);
        _ends.ShouldBeEmpty();
        _bus.Out(0xCF9, 0x02); // native_machine_emergency_restart: first the kind, then the reset
        _ends.ShouldBeEmpty();
        _bus.Out(0xCF9, 0x06);
        _ends.ShouldBe([PowerAction.Reset]);
        _bus.In(0xCF9).ShouldBe((byte)0x06);
        _bus.InDouble(0xCF8).ShouldBe(0x80000600u);
    }

    [Fact]
    public void Port_80_keeps_the_last_code()
    {
        _bus.Out(0x80, 0x42);
        _system.PostCode.ShouldBe((byte)0x42);
        _bus.In(0x80).ShouldBe((byte)0x42);
    }

    [Fact]
    public void Sleep_state_five_is_off_and_the_others_are_nothing()
    {
        (_bus.InWord(0x604) & 1).ShouldBe(1, "ACPI is on");
        _bus.OutWord(0x604, 0x0000);
        _bus.OutWord(0x604, 0x2400);
        _ends.ShouldBeEmpty();
        _bus.InWord(0x604).ShouldBe((ushort)0x0401, "the enable bit reads as 0");
        // acpi_hw_legacy_sleep: first the type, then the type with the enable bit.
        _bus.OutWord(0x604, 0x0000);
        _bus.OutWord(0x604, 0x2000);
        _ends.ShouldBe([PowerAction.PowerOff]);
    }

    [Fact]
    public void A_byte_can_switch_off_too()
    {
        _bus.Out(0x605, 0x20);
        _ends.ShouldBe([PowerAction.PowerOff]);
    }

    [Fact]
    public void The_power_button_interrupts_if_it_is_let_and_is_cleared_by_writing_it()
    {
        _system.PressPowerButton();
        _line.Level.ShouldBeFalse();
        _bus.OutWord(0x602, 0xFFFF);
        _bus.InWord(0x602).ShouldBe((ushort)0x0721);
        _line.Level.ShouldBeTrue();
        _bus.InDouble(0x600).ShouldBe(0x07210100u);
        _bus.In(0x601).ShouldBe((byte)0x01);
        _bus.OutWord(0x600, 0x0001);
        _line.Level.ShouldBeTrue();
        _bus.OutWord(0x600, 0x0100);
        _line.Level.ShouldBeFalse();
    }

    [Fact]
    public void A_word_at_an_odd_port_is_two_halves()
    {
        _bus.OutWord(0x602, 0x0721);
        _bus.OutWord(0x601, 0x2000);
        _bus.InWord(0x602).ShouldBe((ushort)0x0720);
        _bus.InWord(0x601).ShouldBe((ushort)0x2000);
    }

    [Fact]
    public void The_power_button_interrupts_when_it_is_pressed_and_a_saved_one_still_does()
    {
        _bus.OutWord(0x602, 0x0100);
        _line.Level.ShouldBeFalse();
        _system.PressPowerButton();
        _line.Level.ShouldBeTrue();
        var line = new TestLine();
        SystemControl twin = new(line, _ends.Add) { State = _system.State };
        line.Level.ShouldBeTrue();
        twin.State.ShouldBe(_system.State);
    }

    [Fact]
    public void The_halves_of_power_control_are_written_one_by_one()
    {
        _bus.OutWord(0x604, 0x1C06);
        _bus.InWord(0x604).ShouldBe((ushort)0x1C07);
        _bus.Out(0x605, 0x08);
        _bus.InWord(0x604).ShouldBe((ushort)0x0807);
        _bus.OutWord(0x604, 0x0002);
        _ends.ShouldBeEmpty("its sleep bit is down");
        _bus.In(0x64).ShouldBe((byte)0x01, "another register");
    }

    [Fact]
    public void Bits_that_there_are_not_read_as_zero()
    {
        _bus.Out(0x92, 0xFE);
        _bus.In(0x92).ShouldBe((byte)0x02);
        _bus.Out(0xCF9, 0xFB);
        _bus.In(0xCF9).ShouldBe((byte)0x0A);
        _ends.ShouldBeEmpty();
    }
}
