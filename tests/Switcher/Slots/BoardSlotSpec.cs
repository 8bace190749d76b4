// A Guest that owns ring 0: when its interrupts come, how it sleeps, and its two ends.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe class BoardSlotSpec : IDisposable
{
    private const uint Code = 0x10000;
    private const uint Handler = 0x11000;
    private const uint Gates = 0x20000;
    private const uint Segments = 0x21000;
    private const ushort KernelCode = 8;
    private const uint Long = 400_000;

    private static readonly RunSettings _slice = new(2_000_000, 10_000);

    private readonly GuestMemory _memory = new(1 << 20);
    private readonly FakeBoard _board = new();
    private readonly FakeClock _clock = new();
    private BoardSlot? _slot;

    [Fact]
    public void A_halt_lasts_until_the_board_has_an_event_and_virtual_time_jumps_there()
    {
        var slot = Boot(a =>
        {
            Out(a, FakeBoard.EventPort, Long);
            a.sti();
            a.hlt();
            a.cli();
            a.hlt();
        }, ClockKind.Virtual);

        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);
        slot.IsHalted.ShouldBeTrue();
        slot.WouldWake.ShouldBeFalse();
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));

        _board.Events.ShouldHaveSingleItem().ShouldBe(Set() + Long);
        slot.Processor.State->Gpr[3].ShouldBe(1u);
        slot.Statistics().Interrupts.ShouldBe(1);
        _board.Rests.ShouldBe(2);
    }

    [Fact]
    public void In_real_time_the_event_is_an_alarm_of_the_Host()
    {
        var slot = Boot(a =>
        {
            Out(a, FakeBoard.EventPort, Long);
            a.sti();
            a.hlt();
            a.cli();
            a.hlt();
        }, ClockKind.Real);

        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);
        slot.HostAlarm.ShouldBe(_clock.Monotonic + Long);
        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);
        _clock.Advance(Long);
        slot.Enter(_slice);
        _board.Events.Count.ShouldBe(1);
        slot.Processor.State->Gpr[3].ShouldBe(1u);
    }

    [Fact]
    public void Without_an_event_it_sleeps_until_a_device_calls()
    {
        var slot = Boot(a =>
        {
            a.sti();
            a.hlt();
            a.cli();
            a.hlt();
        });

        slot.Enter(_slice).ShouldBe(ExitReason.Halted);
        _board.Called = true;
        slot.WouldWake.ShouldBeFalse();
        _board.Attention!();
        slot.WouldWake.ShouldBeTrue();
        slot.Enter(_slice).ShouldBeOfType<ExitReason.Shutdown>();
        slot.Processor.State->Gpr[3].ShouldBe(1u);
    }

    [Fact]
    public void What_devices_raise_reaches_the_board_by_number_when_the_Guest_is_entered()
    {
        var slot = Boot(a =>
        {
            a.sti();
            a.hlt();
        });

        slot.RaiseInterrupt(3);
        slot.RaiseInterrupt(31);
        slot.RaiseInterrupt(3);
        _board.Asked.ShouldBeEmpty();
        slot.Enter(_slice);
        _board.Asked.ShouldBe(["signal 3", "signal 31"]);
        Should.Throw<ArgumentOutOfRangeException>(() => slot.RaiseInterrupt(32));
    }

    [Theory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Auto)]
    public void An_interrupt_waits_for_the_instruction_that_lets_it_in_and_no_longer(EngineKind engine)
    {
        var slot = Boot(a =>
        {
            a.mov(__dword_ptr[0xe0000000], eax); // the device asks
            a.nop();
            a.push(0x202);
            a.mov(ecx, ebx);
            a.popfd();
            a.mov(edx, ebx);
            a.cli();
            a.mov(__dword_ptr[0xe0000000], eax);
            a.sti();
            a.mov(esi, ebx); // in the shadow of STI
            a.cli();
            a.mov(edi, ebx);
            a.hlt();
        }, engine: engine);

        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        var c = slot.Processor.State;
        (c->Gpr[1], c->Gpr[2]).ShouldBe((0u, 1u));
        (c->Gpr[6], c->Gpr[7]).ShouldBe((1u, 2u));
    }

    [Fact]
    public void An_event_nearer_than_the_end_of_a_chunk_comes_at_its_time()
    {
        var slot = Boot(a =>
        {
            var loop = a.CreateLabel();
            a.sti();
            Out(a, FakeBoard.EventPort, 400);
            a.Label(ref loop);
            a.test(ebx, ebx);
            a.jz(loop);
            a.cli();
            a.hlt();
        }, ClockKind.Virtual);

        slot.Enter(_slice).ShouldBeOfType<ExitReason.Shutdown>();
        _board.Events.ShouldHaveSingleItem().ShouldBeInRange(Set() + 400, Set() + 400 + (10 * GuestTime.NanosecondsPerInstruction));
    }

    [Theory]
    [InlineData(MainboardEnd.PowerOff)]
    [InlineData(MainboardEnd.Reset)]
    public void The_board_ends_it_at_the_instruction_that_asked(MainboardEnd end)
    {
        var slot = Boot(a =>
        {
            Out(a, FakeBoard.EndPort, (uint)end);
            a.inc(ebx);
        });

        var expected = end == MainboardEnd.Reset ? new GuestEnd.Restart() : (GuestEnd)new GuestEnd.PowerOff();
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(expected));
        slot.Processor.State->Gpr[3].ShouldBe(0u);
    }

    [Fact]
    public void A_third_fault_is_a_reset()
    {
        var slot = Boot(a =>
        {
            a.mov(__dword_ptr[0x400], 0);
            a.mov(__dword_ptr[0x404], 0);
            a.lidt(__fword_ptr[0x400]);
            a.int3();
        });

        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.Restart()));
    }

    [Fact]
    public void A_double_fault_with_a_task_of_its_own_is_a_crash()
    {
        _memory.TryWrite(new GuestPhysical(Gates + (8 * 8)), 0x0000_8500_0010_0000ul);
        var slot = Boot(a =>
        {
            a.mov(esp, 0xfffff000);
            a.@int(FakeBoard.Vector);
            a.ud2();
        });
        _memory.TryWrite(new GuestPhysical(Gates + (FakeBoard.Vector * 8)), 0ul);

        slot.Enter(_slice).ShouldBeOfType<ExitReason.Shutdown>().End.ShouldBeOfType<GuestEnd.Crash>()
            .Message.ShouldStartWith("double fault");
    }

    [Fact]
    public void Registers_and_identity_are_the_board_s()
    {
        var slot = Boot(a =>
        {
            a.mov(ecx, 1);
            a.rdmsr();
            a.mov(edi, eax);
            a.mov(eax, 0x40000000);
            a.cpuid();
            a.hlt();
        });

        slot.Enter(_slice);
        slot.Processor.State->Gpr[7].ShouldBe(7u);
        slot.Processor.State->Gpr[0].ShouldBe(0x40000000u);
        slot.Processor.State->Gpr[2].ShouldBe(3u);
    }

    public void Dispose()
    {
        _slot?.Dispose();
        _memory.Dispose();
    }

    /// <summary>The time at which the program has set its event.</summary>
    private long Set() => long.Parse(_board.Asked[0].Split('@')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static void Out(Assembler a, ushort port, uint value)
    {
        a.mov(eax, value);
        a.mov(edx, port);
        a.@out(dx, eax);
    }

    /// <summary>A kernel with one gate, whose handler counts in EBX.</summary>
    private BoardSlot Boot(Action<Assembler> program, ClockKind kind = ClockKind.Real, EngineKind engine = EngineKind.Interpreter)
    {
        Put(Code, program);
        Put(Handler, a =>
        {
            a.inc(ebx);
            a.iretd();
        });
        _memory.TryWrite(new GuestPhysical(Segments + KernelCode), 0x00cf_9b00_0000_fffful);
        _memory.TryWrite(new GuestPhysical(Gates + (FakeBoard.Vector * 8)),
            (Handler & 0xffff) | ((ulong)KernelCode << 16) | (0x8eul << 40) | ((ulong)(Handler >> 16) << 48));
        return _slot = new BoardSlot(_memory, _board, Start, _clock, kind, engine);
    }

    private static void Start(Processor processor)
    {
        var c = processor.State;
        processor.SetFlatSegment(SegmentRegister.Cs, KernelCode, true, 0);
        c->GdtBase = Segments;
        c->GdtLimit = 0xff;
        c->IdtBase = Gates;
        c->IdtLimit = 0x7ff;
        c->Gpr[4] = 0x8000;
        c->Eip = Code;
    }

    private void Put(uint address, Action<Assembler> program)
    {
        Assembler a = new(32);
        program(a);
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), address);
        _memory.TryWrite(new GuestPhysical(address), stream.ToArray()).ShouldBeTrue();
    }
}
