// The board as a kernel finds it: what is wired to what, and what crosses the serial line.

using System.Text;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Pc.Chips;
using Lguest.Pc.Pci;

namespace Lguest.Pc.Tests;

public sealed class PcBoardSpec : IDisposable
{
    private const ushort Uart = Uart16550.FirstPortOfCom1;
    private const long Millisecond = 1_000_000;

    private readonly GuestMemory _memory = new(1 << 20);
    private readonly StringBuilder _printed = new();
    private readonly SerialLine _serial;
    private readonly PcBoard _board;
    private int _wanted;
    private int _attention;
    private int _room = int.MaxValue;

    public PcBoardSpec()
    {
        _serial = new SerialLine
        {
            Print = bytes =>
            {
                int taken = Math.Min(_room, bytes.Length);
                _room -= taken;
                _printed.Append(Encoding.ASCII.GetString(bytes.Span[..taken]));
                return taken;
            },
            WantsMore = () => _wanted++,
        };
        _board = new PcBoard(_memory, _serial) { Attention = () => _attention++ };
        foreach (var (port, value) in ((ushort, uint)[])[(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x21, 0),
            (0xA0, 0x11), (0xA1, 0x38), (0xA1, 2), (0xA1, 1), (0xA1, 0)])
            _board.WritePort(port, 1, value, 0);
    }

    [Fact]
    public void The_timer_is_interrupt_0()
    {
        _board.WritePort(0x43, 1, 0x34, 0);
        _board.WritePort(0x40, 1, 4773 & 0xFF, 0);
        _board.WritePort(0x40, 1, 4773 >> 8, 0);
        long due = _board.NextEvent(0);
        due.ShouldBeInRange(4 * Millisecond - 10_000, 4 * Millisecond + 10_000);
        _board.Advance(due - 1);
        _board.HasInterrupt.ShouldBeFalse();
        _board.Advance(due);
        _board.HasInterrupt.ShouldBeTrue();
        _board.Acknowledge(due).ShouldBe((byte)0x30);
        _board.NextEvent(due).ShouldBeGreaterThan(due);
    }

    [Fact]
    public void What_the_Guest_sends_goes_out_when_it_rests()
    {
        foreach (char c in "hello")
            _board.WritePort(Uart, 1, c, 0);
        _printed.ToString().ShouldBeEmpty();
        _board.Rest(0);
        _board.Rest(0);
        _printed.ToString().ShouldBe("hello");
    }

    [Fact]
    public void A_Guest_that_does_not_rest_is_heard_all_the_same()
    {
        for (int i = 0; i < 10_000; i++)
            _board.WritePort(Uart, 1, 'x', 0);
        _printed.Length.ShouldBeInRange(7_900, 10_000);
    }

    [Fact]
    public void While_nobody_takes_what_it_sends_the_transmitter_is_busy_and_nothing_that_a_driver_sends_is_lost()
    {
        _board.WritePort(Uart + 1, 1, 2, 0);
        _board.WritePort(Uart + 4, 1, 0x0B, 0);
        _board.HasInterrupt.ShouldBeTrue();
        _board.Acknowledge(0).ShouldBe((byte)0x34);
        _room = 1000;
        int sent = 0;
        while (CanSend())
        {
            _board.ReadPort(Uart + 2, 1, 0).ShouldBe(2u, "the transmitter's interrupt");
            for (int i = 0; i < 16; i++)
                _board.WritePort(Uart, 1, (uint)'a' + ((uint)sent++ % 26), 0);
        }

        sent.ShouldBeInRange(4000, 1000 + 4096);
        _printed.Length.ShouldBe(1000);
        _board.ReadPort(Uart + 2, 1, 0).ShouldBe(1u, "no interrupt waits");
        _board.Attend(0);
        CanSend().ShouldBeFalse();

        _room = 10_000;
        _board.Attend(0);
        CanSend().ShouldBeTrue();
        _board.ReadPort(Uart + 2, 1, 0).ShouldBe(2u);
        _board.Rest(0);
        _printed.ToString().ShouldBe(string.Concat(Enumerable.Range(0, sent).Select(i => (char)('a' + (i % 26)))));

        bool CanSend() => (_board.ReadPort(Uart + 5, 1, 0) & 0x20) != 0;
    }

    [Fact]
    public void What_is_sent_against_a_busy_transmitter_is_lost_and_not_kept_without_bound()
    {
        _room = 0;
        for (int i = 0; i < 10_000; i++)
            _board.WritePort(Uart, 1, 'x', 0);
        _room = int.MaxValue;
        _board.Rest(0);
        _printed.Length.ShouldBe(4096);
    }

    [Fact]
    public void What_is_typed_interrupts_by_4_and_comes_whole_and_in_order_however_long_it_is()
    {
        string text = string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i}\n"));
        _board.WritePort(Uart + 2, 1, 1, 0);
        _board.WritePort(Uart + 1, 1, 1, 0);
        _board.WritePort(Uart + 4, 1, 0x0B, 0);
        _serial.WantsInput.ShouldBeTrue();
        _serial.Type(Encoding.ASCII.GetBytes(text));
        _attention.ShouldBe(1);
        _serial.WantsInput.ShouldBeFalse();
        _board.HasInterrupt.ShouldBeFalse("the board is only told when its owner has time");
        _board.Attend(0);
        _board.HasInterrupt.ShouldBeTrue();
        _board.Acknowledge(0).ShouldBe((byte)0x34);
        StringBuilder read = new();
        while ((_board.ReadPort(Uart + 5, 1, 0) & 1) != 0)
            read.Append((char)_board.ReadPort(Uart, 1, 0));
        read.ToString().ShouldBe(text);
        _wanted.ShouldBe(1);
        _serial.WantsInput.ShouldBeTrue();
    }

    [Fact]
    public void What_is_typed_before_there_is_a_driver_waits_for_it()
    {
        _serial.Type("early"u8.ToArray());
        _board.Attend(0);
        _board.WritePort(Uart + 2, 1, 7, 0);
        (_board.ReadPort(Uart + 5, 1, 0) & 1).ShouldBe(0u);
        _board.WritePort(Uart + 1, 1, 1, 0);
        _board.ReadPort(Uart, 1, 0).ShouldBe('e');
    }

    [Fact]
    public void Linux_enables_the_interrupt_before_the_FIFO_and_gets_what_was_typed_early()
    {
        _serial.Type("early"u8.ToArray());
        _board.Attend(0);

        // serial8250_clear_fifos, serial8250_do_startup, serial8250_do_set_termios
        foreach (var (register, value) in ((ushort, uint)[])[(2, 1), (2, 7), (2, 0), (1, 0), (3, 0x13), (4, 0x0B), (1, 5), (3, 0x93),
            (3, 0x13), (2, 1), (2, 0x81)])
            _board.WritePort((ushort)(Uart + register), 1, value, 0);

        Read(0).ShouldBe("early");
    }

    [Fact]
    public void A_driver_without_FIFO_gets_what_was_typed_early_a_little_later()
    {
        _serial.Type("early"u8.ToArray());
        _board.WritePort(Uart + 1, 1, 1, 0);
        Read(0).ShouldBeEmpty();
        long due = _board.NextEvent(0);
        _board.Advance(due);
        Read(due).ShouldBe("early");
        _board.NextEvent(due).ShouldBeGreaterThan(due + (1000 * Millisecond) - 1, "nothing else is due for it");
    }

    [Fact]
    public void Who_polls_for_a_character_and_does_nothing_else_gets_one()
    {
        _serial.Type("ab"u8.ToArray());
        Poll().ShouldBe('a');
        Poll().ShouldBe('b');

        char Poll()
        {
            for (int i = 0; i < 100; i++)
                if ((_board.ReadPort(Uart + 5, 1, 0) & 1) != 0)
                    return (char)_board.ReadPort(Uart, 1, 0);
            return '-';
        }
    }

    private string Read(long now)
    {
        StringBuilder read = new();
        while ((_board.ReadPort(Uart + 5, 1, now) & 1) != 0)
            read.Append((char)_board.ReadPort(Uart, 1, now));
        return read.ToString();
    }

    [Fact]
    public void Functions_get_places_wires_and_signals_in_order()
    {
        List<string> signalled = [];
        List<IInterruptLine> wires = [];
        for (int i = 0; i < 5; i++)
        {
            string name = $"{i}";
            _board.Plug((line, irq, number) =>
            {
                number.ShouldBe((byte)i);
                wires.Add(line);
                return new PciFunction(PciIdentity.HostBridge, line, irq);
            }, () => signalled.Add(name));
        }

        _board.Signal(4, 0);
        _board.Signal(0, 0);
        _board.Signal(31, 0);
        signalled.ShouldBe(["4", "0"]);
        _board.WritePort(0xCF8, 4, 0x80000000 | (5 << 11) | 0x3C, 0);
        _board.ReadPort(0xCFC, 2, 0).ShouldBe(0x010Bu, "the fifth shares the wire of the first");
        wires[4].Set(true);
        wires[0].Set(true);
        wires[4].Set(false);
        _board.HasInterrupt.ShouldBeTrue();
        _board.Acknowledge(0).ShouldBe((byte)0x3B);
    }

    [Fact]
    public void A_function_s_window_is_asked_by_what_lies_before_an_address()
    {
        Echo echo = new();
        PciFunction function = new(PciIdentity.HostBridge);
        function.AddWindow(0, 0x1000, echo);
        _board.Plug((_, _, _) => function, () => { });
        _board.WritePort(0xCF8, 4, 0x80000000 | (1 << 11) | 0x10, 0);
        _board.WritePort(0xCFC, 4, 0xE0001000, 0);
        _board.WritePort(0xCF8, 4, 0x80000000 | (1 << 11) | 0x04, 0);
        _board.WritePort(0xCFC, 2, 2, 0);

        _board.ReadDevice(0xE0001234, 2, 5).ShouldBe(0x234u + 2);
        _board.WriteDevice(0xE0001FFC, 4, 77, 6);
        echo.Written.ShouldBe([(0xFFCul, 4, 77u, 6L)]);
        _board.Signal(1, 0); // there is none
    }

    private sealed class Echo : IMmioDevice
    {
        public List<(ulong Offset, int Bytes, uint Value, long Now)> Written { get; } = [];

        public uint Read(ulong offset, int bytes, long now) => (uint)offset + (uint)bytes;

        public void Write(ulong offset, int bytes, uint value, long now) => Written.Add((offset, bytes, value, now));
    }

    [Fact]
    public void The_tables_give_kernels_the_addresses_between_RAM_and_the_chips()
    {
        _board.WriteTables();
        byte[] tables = _memory.Span(new GuestPhysical(0xF0000), 0x1000).ToArray();
        byte[] window = [0x87, 0x17, 0, 0, 0x0C, 1, 0, 0, 0, 0, 0, 0, 0, 0xE0, 0xFF, 0xFF, 0xBF, 0xFE];
        tables.AsSpan().IndexOf(window).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_is_typed_again_comes_from_its_beginning()
    {
        _board.WritePort(Uart + 2, 1, 1, 0);
        _board.WritePort(Uart + 1, 1, 1, 0);
        foreach (string text in (string[])["first", "second"])
        {
            _serial.Type(Encoding.ASCII.GetBytes(text));
            _board.Attend(0);
            Read(0).ShouldBe(text);
        }
    }

    [Fact]
    public void The_line_knows_whether_anything_was_ever_sent_and_whether_it_is_out()
    {
        (_serial.HasPrinted, _serial.IsEmpty).ShouldBe((false, true));
        _board.WritePort(Uart, 1, 'x', 0);
        _serial.IsEmpty.ShouldBeFalse();
        _board.Rest(0);
        (_serial.HasPrinted, _serial.IsEmpty).ShouldBe((true, true));
    }

    [Fact]
    public void What_is_posted_is_done_by_the_owner()
    {
        int done = 0;
        _board.Post(() => done++);
        (done, _attention).ShouldBe((0, 1));
        _board.Attend(0);
        _board.Attend(0);
        done.ShouldBe(1);
    }

    [Fact]
    public void Its_tables_are_where_kernels_look()
    {
        _board.WriteTables();
        _memory.Span(new GuestPhysical(0xF0000), 8).ToArray().ShouldBe("RSD PTR "u8.ToArray());
    }

    [Theory]
    [InlineData(0x64, 0xFE, MainboardEnd.Reset)]
    [InlineData(0xCF9, 0x06, MainboardEnd.Reset)]
    [InlineData(0x604, 0x2000, MainboardEnd.PowerOff)]
    public void A_kernel_ends_it_by_a_port(int port, int value, MainboardEnd end)
    {
        _board.End.ShouldBe(MainboardEnd.None);
        _board.WritePort((ushort)port, value > 0xFF ? 2 : 1, (uint)value, 0);
        _board.End.ShouldBe(end);
    }

    [Fact]
    public void There_is_a_host_bridge_and_nothing_at_addresses_without_RAM()
    {
        _board.WritePort(0xCF8, 4, 0x80000000, 0);
        _board.ReadPort(0xCFE, 2, 0).ShouldBe(0x0D57u);
        _board.ReadDevice(0xFEC00000, 4, 0).ShouldBe(uint.MaxValue);
        _board.WriteDevice(0xFEC00000, 4, 1, 0);
        _board.ReadPort(0x2E, 1, 0).ShouldBe(0xFFu);
    }

    [Fact]
    public void Its_clock_shows_the_time_at_which_it_was_switched_on_and_goes_on()
    {
        _board.Start(new MachineTime(5_000_000_000, 0, 1_577_836_800, 0));
        Clock(0, 5_999_999_999).ShouldBe(0u);
        Clock(0, 6_000_000_000).ShouldBe(1u);
        _board.Start(new MachineTime(5_000_000_000, 0, 1_577_836_799, 600_000_000));
        Clock(0, 5_399_999_999).ShouldBe(0x59u);
        Clock(0, 5_400_000_000).ShouldBe(0u);
        Clock(4, 65_400_000_000).ShouldBe(0u);
        Clock(2, 65_400_000_000).ShouldBe(0x01u);
        Clock(9, 65_400_000_000).ShouldBe(0x20u);

        uint Clock(byte register, long now)
        {
            _board.WritePort(0x70, 1, register, now);
            return _board.ReadPort(0x71, 1, now);
        }
    }

    [Fact]
    public void It_says_that_it_is_virtual_and_whose_clock_it_has()
    {
        _board.Identify(1).ShouldBe(CpuIdentity.Leaf(1) with { Ecx = CpuIdentity.Leaf(1).Ecx | ProcessorIdentity.Hypervisor });
        _board.Identify(0x40000000).ShouldBe((0x40000001u, 0x4b4d564bu, 0x564b4d56u, 0x4du));
        _board.Identify(0x40000001).Eax.ShouldBe(0x0100000Au);
        _board.Identify(0).Ebx.ShouldBe(BitConverter.ToUInt32("Vort"u8));
    }

    [Fact]
    public void Told_to_hide_it_is_a_plain_machine()
    {
        PcBoard plain = new(_memory, _serial, isParavirtual: false);
        (plain.Identify(1).Ecx & ProcessorIdentity.Hypervisor).ShouldBe(0u);
        plain.Identify(0x40000000).Ebx.ShouldNotBe(0x4b4d564bu);
        plain.TryWriteRegister(ParavirtualClock.SystemTime, 0x1001, default).ShouldBeFalse();
    }

    public void Dispose() => _memory.Dispose();
}
