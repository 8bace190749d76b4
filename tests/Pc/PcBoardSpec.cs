// The board as a kernel finds it: what is wired to what, and what crosses the serial line.

using System.Text;
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

    public PcBoardSpec()
    {
        _serial = new SerialLine
        {
            Print = bytes => _printed.Append(Encoding.ASCII.GetString(bytes.Span)),
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
        _printed.Length.ShouldBe(8192);
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
        Clock(4, 65_000_000_000).ShouldBe(0u);
        Clock(2, 65_000_000_000).ShouldBe(0x01u);
        Clock(9, 65_000_000_000).ShouldBe(0x20u);

        uint Clock(byte register, long now)
        {
            _board.WritePort(0x70, 1, register, now);
            return _board.ReadPort(0x71, 1, now);
        }
    }

    [Fact]
    public void The_paravirtual_clock_tells_time_in_the_words_of_KVM()
    {
        MachineTime time = new(3_000_000_001, 3_000_000_001, 1_600_000_003, 1);
        _board.TryWriteRegister(ParavirtualClock.SystemTime, 0x1001, time).ShouldBeTrue();
        _board.TryReadRegister(ParavirtualClock.SystemTime, out ulong register).ShouldBeTrue();
        register.ShouldBe(0x1001ul);
        _memory.TryRead(new GuestPhysical(0x1000), out uint version).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1008), out ulong stamp).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1010), out long now).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1018), out uint multiplier).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x101C), out ushort shiftAndFlags).ShouldBeTrue();
        (version & 1).ShouldBe(0u);
        ulong later = stamp + 1000;
        ((ulong)now + ((((later - stamp) << (shiftAndFlags & 0xFF)) * multiplier) >> 32)).ShouldBe(3_000_001_001ul);
        (shiftAndFlags >> 8).ShouldBe(1, "the counter is stable");

        _board.TryWriteRegister(ParavirtualClock.WallClock, 0x2000, time).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x2004), out uint seconds).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x2008), out uint nanoseconds).ShouldBeTrue();
        (seconds, nanoseconds).ShouldBe((1_600_000_000u, 0u));
        _board.TryWriteRegister(ParavirtualClock.WallClock, 0x2000, time);
        _memory.TryRead(new GuestPhysical(0x2000), out uint next).ShouldBeTrue();
        next.ShouldBe(4u);
    }

    [Theory]
    [InlineData(0xFFFF_FFFFul)]
    [InlineData(0x1_0000_0000ul)]
    [InlineData(0xF_FFF1ul)]
    public void A_time_page_outside_of_memory_is_nobody_s(ulong address)
    {
        _board.TryWriteRegister(ParavirtualClock.SystemTime, address, default).ShouldBeTrue();
        _board.TryWriteRegister(ParavirtualClock.WallClock, address, default).ShouldBeTrue();
    }

    [Fact]
    public void Other_registers_are_not_there()
    {
        _board.TryReadRegister(0x179, out _).ShouldBeFalse();
        _board.TryWriteRegister(0x11, 0, default).ShouldBeFalse();
    }

    [Fact]
    public void It_says_that_it_is_virtual_and_whose_clock_it_has()
    {
        (_board.Identify(1).Ecx & ProcessorIdentity.Hypervisor).ShouldNotBe(0u);
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
