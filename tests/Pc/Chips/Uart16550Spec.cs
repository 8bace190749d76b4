// The serial port as drivers meet it: recognised by Linux's autoconfig, interrupting in the order of the data sheet, and never losing what
// was given to it.
using System.Text;
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class Uart16550Spec
{
    private const int Data = 0x3F8, InterruptEnable = 0x3F9, Identification = 0x3FA, FifoControl = 0x3FA, LineControl = 0x3FB,
        ModemControl = 0x3FC, LineStatus = 0x3FD, ModemStatus = 0x3FE, Scratch = 0x3FF;

    private readonly TestBus _bus = new();
    private readonly TestLine _line = new();
    private readonly List<byte> _sent = [];
    private readonly Uart16550 _uart;
    private int _rooms;

    public Uart16550Spec()
    {
        _uart = new Uart16550(Uart16550.FirstPortOfCom1, _line, _sent.Add, () => _rooms++);
        _uart.Attach(_bus.Ports);
    }

    [Fact]
    public void Linux_finds_a_16550A()
    {
        _bus.Out(InterruptEnable, 0);
        _bus.In(InterruptEnable).ShouldBe((byte)0);
        _bus.Out(InterruptEnable, 0xFF);
        _bus.In(InterruptEnable).ShouldBe((byte)0x0F);
        _bus.Out(InterruptEnable, 0);

        _bus.Out(ModemControl, 0x1A); // loop, OUT2, RTS
        (_bus.In(ModemStatus) & 0xF0).ShouldBe(0x90);
        _bus.Out(ModemControl, 0);
        (_bus.In(ModemStatus) & 0xF0).ShouldBe(0xB0);

        _bus.Out(FifoControl, 0x01);
        (_bus.In(Identification) >> 6).ShouldBe(3);
        _bus.Out(LineControl, 0xBF); // an enhanced register would hide here
        _bus.In(Identification).ShouldNotBe((byte)0);
        _bus.Out(LineControl, 0);
        _bus.Out(FifoControl, 0x21);
        (_bus.In(Identification) & 0x20).ShouldBe(0, "no 64 bytes: no 16750");
        _bus.Out(FifoControl, 0);
        _bus.In(Identification).ShouldBe((byte)1);
        _bus.Out(Scratch, 0x5A);
        _bus.In(Scratch).ShouldBe((byte)0x5A);
    }

    [Fact]
    public void What_is_written_is_sent_and_the_transmitter_is_empty_at_once()
    {
        foreach (byte one in "Linux"u8)
        {
            _bus.In(LineStatus).ShouldBe((byte)0x60);
            _bus.Out(Data, one);
        }

        Encoding.ASCII.GetString([.. _sent]).ShouldBe("Linux");
    }

    [Fact]
    public void The_divisor_lies_behind_its_access_bit()
    {
        _bus.Out(LineControl, 0x83);
        _bus.Out(Data, 0x34);
        _bus.Out(InterruptEnable, 0x12);
        _bus.In(Data).ShouldBe((byte)0x34);
        _bus.In(InterruptEnable).ShouldBe((byte)0x12);
        _bus.Out(LineControl, 0x03);

        _bus.In(InterruptEnable).ShouldBe((byte)0);
        _sent.ShouldBeEmpty();
        _uart.State.Divisor.ShouldBe((ushort)0x1234);
    }

    [Fact]
    public void Enabling_the_transmitter_interrupt_raises_it_and_reading_it_takes_it_back()
    {
        Open();
        _bus.Out(InterruptEnable, 2);
        _line.Level.ShouldBeTrue();
        _bus.In(Identification).ShouldBe((byte)0xC2);
        _line.Level.ShouldBeFalse();
        _bus.In(Identification).ShouldBe((byte)0xC1);

        // serial8250_startup: off and on again must raise it once more, or the chip has a bug.
        _bus.Out(InterruptEnable, 0);
        _bus.Out(InterruptEnable, 2);
        _bus.In(Identification).ShouldBe((byte)0xC2);
        _bus.Out(Data, 'x');
        _line.Level.ShouldBeTrue("the next character may come");
    }

    [Fact]
    public void Without_OUT2_nothing_interrupts_on_a_PC()
    {
        _bus.Out(InterruptEnable, 2);
        _line.Level.ShouldBeFalse();
        _bus.Out(ModemControl, 8);
        _line.Level.ShouldBeTrue();
    }

    [Fact]
    public void The_receiver_takes_what_there_is_room_for_and_says_when_there_is_more()
    {
        _uart.Receive("ab"u8, 0).ShouldBe(1, "no FIFO yet");
        _uart.Room.ShouldBe(0);
        _bus.In(Data).ShouldBe((byte)'a');
        Open();
        byte[] long20 = [.. Enumerable.Range(1, 20).Select(i => (byte)i)];

        _uart.Receive(long20, 0).ShouldBe(16);
        int before = _rooms;
        byte[] read = [.. Enumerable.Range(0, 16).Select(_ => _bus.In(Data))];

        read.ShouldBe(long20[..16]);
        (_rooms - before).ShouldBe(16);
        (_bus.In(LineStatus) & 1).ShouldBe(0);
        _bus.In(Data).ShouldBe((byte)0, "nothing is left");
    }

    [Theory]
    [InlineData(0, 1), InlineData(1, 4), InlineData(2, 8), InlineData(3, 14)]
    public void The_receiver_interrupts_at_its_trigger_level(int code, int level)
    {
        Open((code << 6) | 1);
        _bus.Out(InterruptEnable, 1);
        _uart.Receive(new byte[level - 1], 0);
        _line.Level.ShouldBeFalse();

        _uart.Receive([1], 0);

        _line.Level.ShouldBeTrue();
        _bus.In(Identification).ShouldBe((byte)0xC4);
        _bus.In(Data);
        _line.Level.ShouldBeFalse();
    }

    [Fact]
    public void Characters_below_the_level_time_out_after_four_character_times()
    {
        Open(0xC1);
        _bus.Out(LineControl, 0x83);
        _bus.Out(Data, 1); // 115,200 baud
        _bus.Out(InterruptEnable, 0);
        _bus.Out(LineControl, 0x03); // 8N1: ten bits
        _bus.Out(InterruptEnable, 1);
        _uart.NextEvent(0).ShouldBe(long.MaxValue);
        _bus.Now = 1_000;
        _uart.Receive("ab"u8, _bus.Now);

        long due = _uart.NextEvent(_bus.Now);
        due.ShouldBe(1_000 + (40L * 1_000_000_000 / 115_200));
        _uart.Advance(due - 1);
        _line.Level.ShouldBeFalse();
        _uart.Advance(due);
        _line.Level.ShouldBeTrue();
        _uart.NextEvent(due).ShouldBe(long.MaxValue);
        _bus.Now = due + 5;
        _bus.In(Identification).ShouldBe((byte)0xCC);
        _bus.In(Data).ShouldBe((byte)'a');
        _line.Level.ShouldBeFalse();
        _uart.NextEvent(_bus.Now).ShouldBe(_bus.Now + (40L * 1_000_000_000 / 115_200), "one is left");
    }

    [Fact]
    public void Interrupts_come_in_the_order_of_their_priority()
    {
        Open();
        _bus.Out(InterruptEnable, 0x0F);
        _bus.Out(ModemControl, 0x18);
        _bus.Out(ModemControl, 0x08); // DSR and CTS fell and rose
        _uart.Receive([1], 0);
        _uart.ReceiveBreak(0).ShouldBeTrue();
        byte[] order = new byte[5];
        order[0] = _bus.In(Identification);
        _bus.In(Data); // the break is first now
        order[1] = _bus.In(Identification);
        (_bus.In(LineStatus) & 0x9F).ShouldBe(0x91, "break, error in FIFO, data ready");
        _bus.In(Data).ShouldBe((byte)0);
        order[2] = _bus.In(Identification);
        order[3] = _bus.In(Identification);
        (_bus.In(ModemStatus) & 0x0F).ShouldNotBe(0);
        order[4] = _bus.In(Identification);

        order.ShouldBe([0xC4, 0xC6, 0xC2, 0xC0, 0xC1]);
        _line.Level.ShouldBeFalse();
    }

    [Fact]
    public void The_loop_receives_what_is_sent_and_overruns_when_it_is_full()
    {
        Open();
        _bus.Out(ModemControl, 0x10);
        _uart.Receive([9], 0).ShouldBe(0, "the wire is cut");
        for (int i = 0; i < 17; i++)
            _bus.Out(Data, i);
        _sent.ShouldBeEmpty();
        _bus.In(LineStatus).ShouldBe((byte)0x63);
        _bus.In(LineStatus).ShouldBe((byte)0x61, "reading forgets the overrun");
        for (int i = 0; i < 16; i++)
            _bus.In(Data).ShouldBe((byte)i);

        _bus.Out(FifoControl, 0);
        _bus.Out(Data, 1);
        _bus.Out(Data, 2);
        _bus.In(Data).ShouldBe((byte)2, "without FIFO the last one stays");
    }

    [Theory]
    [InlineData(0x01, 0x20), InlineData(0x02, 0x10), InlineData(0x04, 0x40), InlineData(0x08, 0x80)]
    public void In_the_loop_each_output_comes_back_as_its_input(int output, int input)
    {
        _bus.Out(ModemControl, 0x10);
        _bus.In(ModemStatus);
        _bus.Out(ModemControl, 0x10 | output);
        _bus.In(ModemStatus).ShouldBe((byte)(input | (input == 0x40 ? 0 : input >> 4)));
        _bus.Out(ModemControl, 0x10);
        _bus.In(ModemStatus).ShouldBe((byte)(input >> 4), "RI tells of its end only");
    }

    [Fact]
    public void Clearing_the_FIFO_makes_room()
    {
        Open();
        _uart.Receive(new byte[16], 0);
        _bus.Out(FifoControl, 0x03);
        (_bus.In(LineStatus) & 1).ShouldBe(0);
        _uart.Room.ShouldBe(16);
        _rooms.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_the_chip_remembers_can_be_put_into_another()
    {
        Open();
        _bus.Out(InterruptEnable, 1);
        _uart.Receive("xyz"u8, 0);
        var line = new TestLine();
        var bus = new TestBus();
        var twin = new Uart16550(0x2F8, line, _ => { }) { State = _uart.State };
        twin.Attach(bus.Ports);
        _bus.In(Data);

        line.Level.ShouldBeTrue();
        byte[] read = [.. Enumerable.Range(0, 3).Select(_ => bus.In(0x2F8))];
        read.ShouldBe("xyz"u8.ToArray());
    }

    private void Open(int fifo = 1)
    {
        _bus.Out(FifoControl, fifo);
        _bus.Out(ModemControl, 8);
    }
}
