// The registers of a 16550A that hold what is written, and from when on somebody takes what arrives.
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class UartRegisterSpec
{
    private const int Data = 0x3F8, InterruptEnable = 0x3F9, FifoControl = 0x3FA, LineControl = 0x3FB, ModemControl = 0x3FC,
        LineStatus = 0x3FD;

    private const long Settled = 10_000_000;

    private readonly TestBus _bus = new();
    private readonly Uart16550 _uart;
    private int _rooms;

    public UartRegisterSpec()
    {
        _uart = new Uart16550(Uart16550.FirstPortOfCom1, new TestLine(), _ => { }, () => _rooms++);
        _uart.Attach(_bus.Ports);
    }

    [Fact]
    public void The_halves_of_the_divisor_are_written_one_by_one()
    {
        _bus.Out(LineControl, 0x80);
        _bus.Out(Data, 0xFF);
        _bus.Out(InterruptEnable, 0xFF);
        _bus.Out(Data, 0x56);
        _uart.State.Divisor.ShouldBe((ushort)0xFF56);
        _bus.Out(Data, 0xFF);
        _bus.Out(InterruptEnable, 0x12);
        _uart.State.Divisor.ShouldBe((ushort)0x12FF);
    }

    [Fact]
    public void The_modem_control_has_five_bits()
    {
        _bus.Out(ModemControl, 0xFF);
        _bus.In(ModemControl).ShouldBe((byte)0x1F);
    }

    [Theory]
    [InlineData(0x00), InlineData(0xC7)]
    public void Turning_the_FIFO_off_or_clearing_it_loses_what_is_in_it(int control)
    {
        _bus.Out(FifoControl, 1);
        _uart.Receive("ab"u8, 0);
        _bus.Out(FifoControl, control);
        (_bus.In(LineStatus) & 1).ShouldBe(0);
    }

    [Fact]
    public void Other_bits_of_its_control_leave_what_is_in_it()
    {
        _bus.Out(FifoControl, 1);
        _uart.Receive("ab"u8, 0);
        _bus.Out(FifoControl, 0xC5);
        _bus.In(Data).ShouldBe((byte)'a');
        _bus.In(Data).ShouldBe((byte)'b');
    }

    [Fact]
    public void Room_is_told_of_only_when_there_is_some_for_what_arrives()
    {
        _bus.Out(FifoControl, 1);
        int before = _rooms;
        _bus.In(Data);
        _bus.Out(ModemControl, 0x10);
        _bus.Out(Data, 'x');
        _bus.In(Data).ShouldBe((byte)'x');
        _rooms.ShouldBe(before);
    }

    [Fact]
    public void With_a_FIFO_somebody_listens_while_the_receiver_s_interrupt_is_enabled()
    {
        _bus.Out(FifoControl, 1);
        _bus.Out(InterruptEnable, 2);
        _uart.IsListening(Settled).ShouldBeFalse();
        _bus.Out(InterruptEnable, 1);
        _uart.IsListening(0).ShouldBeTrue();
        _uart.NextEvent(0).ShouldBe(long.MaxValue, "nothing is to be waited for");
        _bus.Out(InterruptEnable, 0);
        _uart.IsListening(Settled).ShouldBeFalse();
    }

    [Fact]
    public void Without_one_a_driver_has_ten_milliseconds_from_its_first_enabling()
    {
        _bus.Now = 1_000;
        _bus.Out(InterruptEnable, 1);
        _bus.Now = 5_000;
        _bus.Out(InterruptEnable, 3);
        _uart.NextEvent(_bus.Now).ShouldBe(1_000 + Settled);
        _uart.IsListening(999 + Settled).ShouldBeFalse();
        _uart.Advance(999 + Settled);
        _rooms.ShouldBe(0);
        _uart.IsListening(1_000 + Settled).ShouldBeTrue();
        _uart.Advance(1_000 + Settled);
        _rooms.ShouldBe(1);
        _uart.NextEvent(1_000 + Settled).ShouldBe(long.MaxValue);
    }

    [Fact]
    public void Who_does_something_else_between_its_looks_does_not_wait_for_a_character()
    {
        Look(31);
        _bus.Out(Data, 'x');
        Look(31);
        _uart.IsListening(0).ShouldBeFalse();
        _bus.In(LineControl);
        Look(31);
        _uart.IsListening(0).ShouldBeFalse();
        Look(1);
        _uart.IsListening(0).ShouldBeTrue();
    }

    private void Look(int times)
    {
        for (int i = 0; i < times; i++)
            _bus.In(LineStatus);
    }
}
