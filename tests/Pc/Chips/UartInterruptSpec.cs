// Which interrupts a 16550A asks for, and which not: each source has its own enable bit, and nothing is told of a source whose bit is down.
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class UartInterruptSpec
{
    private const int Data = 0x3F8, InterruptEnable = 0x3F9, Identification = 0x3FA, FifoControl = 0x3FA, LineControl = 0x3FB,
        ModemControl = 0x3FC, LineStatus = 0x3FD, ModemStatus = 0x3FE;

    private readonly TestBus _bus = new();
    private readonly TestLine _line = new();
    private readonly Uart16550 _uart;
    private bool _isTaking = true;

    public UartInterruptSpec()
    {
        _uart = new Uart16550(Uart16550.FirstPortOfCom1, _line, _ => { }, null, () => _isTaking);
        _uart.Attach(_bus.Ports);
        _bus.Out(FifoControl, 1);
        _bus.Out(ModemControl, 8);
    }

    [Theory]
    [InlineData(1, 0xC4), InlineData(2, 0xC2), InlineData(4, 0xC6), InlineData(8, 0xC0)]
    public void Each_source_is_told_of_by_its_own_enable_bit_alone(int bit, int identification)
    {
        _bus.Out(InterruptEnable, 0x0F & ~bit);
        _bus.In(Identification); // the transmitter's own
        Raise(bit);
        _bus.In(Identification).ShouldBe((byte)0xC1);
        _line.Level.ShouldBeFalse();

        _bus.Out(InterruptEnable, bit);

        _line.Level.ShouldBeTrue();
        _bus.In(Identification).ShouldBe((byte)identification);
    }

    [Fact]
    public void A_time_out_is_told_of_only_while_the_receiver_s_interrupt_is_enabled()
    {
        _bus.Out(FifoControl, 0x41);
        _uart.Receive([1], 0);
        _bus.Now = _uart.NextEvent(0);
        _bus.Out(InterruptEnable, 0x0E);
        _bus.In(Identification);
        _bus.In(Identification).ShouldBe((byte)0xC1);
        _bus.Out(InterruptEnable, 1);
        _bus.In(Identification).ShouldBe((byte)0xCC, "what is due is seen without asking the chip first");
    }

    [Fact]
    public void A_time_out_needs_a_character_and_a_FIFO()
    {
        _bus.Out(InterruptEnable, 1);
        _bus.Now = 1_000_000_000;
        _bus.In(Identification).ShouldBe((byte)0xC1);
        _bus.Out(FifoControl, 0);
        _bus.Out(InterruptEnable, 0);
        _uart.Receive([1], _bus.Now).ShouldBe(1);
        _uart.NextEvent(_bus.Now).ShouldBe(long.MaxValue);
    }

    [Fact]
    public void A_time_out_is_over_when_the_FIFO_is_cleared_and_nothing_that_arrives_puts_it_off()
    {
        _bus.Out(FifoControl, 0x41);
        _bus.Out(InterruptEnable, 1);
        _uart.Receive([1], 0);
        long due = _uart.NextEvent(0);
        _uart.Receive([], due - 1).ShouldBe(0);
        _uart.NextEvent(due - 1).ShouldBe(due);
        _uart.Advance(due);
        _line.Level.ShouldBeTrue();
        _bus.Out(FifoControl, 0x43);
        _line.Level.ShouldBeFalse();
    }

    [Fact]
    public void A_time_out_is_seen_by_who_reads_and_is_over_when_a_character_arrives()
    {
        _bus.Out(FifoControl, 0x41);
        _bus.Out(InterruptEnable, 1);
        _uart.Receive([1], 0);
        _bus.Now = _uart.NextEvent(0);
        _bus.In(Identification).ShouldBe((byte)0xCC);
        _uart.Receive([2], _bus.Now);
        _bus.In(Identification).ShouldBe((byte)0xC1);
    }

    [Fact]
    public void A_break_for_which_there_is_no_room_is_lost()
    {
        _uart.Receive(new byte[16], 0).ShouldBe(16);
        _uart.ReceiveBreak(0).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0x00, 1, 7), InlineData(0x03, 1, 10), InlineData(0x07, 1, 11), InlineData(0x0B, 1, 11), InlineData(0x1F, 1, 12)]
    [InlineData(0x03, 12, 10), InlineData(0x03, 0, 10)]
    public void The_time_out_is_four_characters_of_start_data_parity_and_stop_bits(int control, int divisor, int bits)
    {
        _bus.Out(LineControl, 0x80);
        _bus.Out(Data, divisor);
        _bus.Out(InterruptEnable, 0);
        _bus.Out(LineControl, control);
        _uart.Receive([1], 0);
        _uart.NextEvent(0).ShouldBe(4L * bits * (divisor == 0 ? 65_536 : divisor) * 1_000_000_000 / 115_200);
    }

    [Fact]
    public void An_overrun_is_a_line_status_and_a_break_interrupts_at_once()
    {
        _bus.Out(InterruptEnable, 4);
        _uart.ReceiveBreak(0).ShouldBeTrue();
        _line.Level.ShouldBeTrue();
        _bus.In(LineStatus);
        _bus.In(Data);
        _bus.Out(ModemControl, 0x18);
        for (int i = 0; i < 17; i++)
            _bus.Out(Data, i);
        _bus.In(Identification).ShouldBe((byte)0xC6);
        _line.Level.ShouldBeFalse("the loop holds the pin");
    }

    [Fact]
    public void Errors_in_the_FIFO_are_told_of_only_where_there_is_one()
    {
        _bus.Out(FifoControl, 0);
        _uart.ReceiveBreak(0);
        _bus.In(LineStatus).ShouldBe((byte)0x71);
    }

    [Fact]
    public void The_transmitter_s_interrupt_is_raised_by_turning_it_on_and_not_by_writing_it_again()
    {
        _bus.Out(InterruptEnable, 2);
        _bus.Out(InterruptEnable, 3);
        _bus.In(Identification).ShouldBe((byte)0xC2, "it stands until it is read");
        _bus.Out(InterruptEnable, 2);
        _bus.In(Identification).ShouldBe((byte)0xC1);
        _bus.Out(InterruptEnable, 3);
        _bus.In(Identification).ShouldBe((byte)0xC1);
    }

    [Fact]
    public void While_the_other_end_takes_nothing_the_transmitter_does_not_interrupt_and_afterwards_it_does()
    {
        _bus.Out(InterruptEnable, 2);
        _isTaking = false;
        _bus.Out(InterruptEnable, 0);
        _bus.Out(InterruptEnable, 2);
        _line.Level.ShouldBeFalse();
        _isTaking = true;
        _uart.GoOnSending();
        _line.Level.ShouldBeTrue();
    }

    [Fact]
    public void In_the_loop_it_does_not_matter_what_the_other_end_takes()
    {
        _isTaking = false;
        _bus.In(LineStatus).ShouldBe((byte)0);
        _bus.Out(ModemControl, 0x10);
        _bus.In(LineStatus).ShouldBe((byte)0x60);
    }

    [Theory]
    [InlineData(1, 0x02), InlineData(2, 0x01), InlineData(4, 0x04), InlineData(8, 0x08)]
    public void Every_change_of_a_modem_line_interrupts(int change, int output)
    {
        _bus.Out(ModemControl, 0x10 | output);
        _bus.In(ModemStatus);
        _bus.Out(InterruptEnable, 8);
        _bus.In(Identification).ShouldBe((byte)0xC1);
        _bus.Out(ModemControl, 0x10);
        _bus.In(Identification).ShouldBe((byte)0xC0);
        (_bus.In(ModemStatus) & 0x0F).ShouldBe(change);
        _bus.In(Identification).ShouldBe((byte)0xC1);
    }

    [Fact]
    public void Changes_of_modem_lines_add_up_until_they_are_read()
    {
        _bus.In(ModemStatus).ShouldBe((byte)0xB0, "somebody is at the other end and ready");
        _bus.Out(ModemControl, 0x1B);
        _bus.In(ModemStatus).ShouldBe((byte)0xB0, "as before");
        _bus.Out(ModemControl, 0x19);
        _bus.Out(ModemControl, 0x18);
        _bus.Out(ModemControl, 0x10);
        _bus.In(ModemStatus).ShouldBe((byte)0x0B);
    }

    private void Raise(int bit)
    {
        switch (bit)
        {
            case 1:
                _uart.Receive([1], 0);
                break;
            case 2:
                _bus.Out(Data, 1);
                break;
            case 4:
                _uart.ReceiveBreak(0);
                _uart.Receive([1], 0);
                _bus.Out(FifoControl, 0xC1); // below the level
                break;
            default:
                _bus.Out(ModemControl, 0x18);
                _bus.Out(ModemControl, 0x08);
                break;
        }
    }
}
