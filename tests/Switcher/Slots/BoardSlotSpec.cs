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

public sealed unsafe partial class BoardSlotSpec : IDisposable
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
        var figures = slot.Statistics();
        figures.Interrupts.ShouldBe(1);
        (figures.DirectHypercalls, figures.QueuedHypercalls, figures.PageFaults, figures.Traps, figures.HypercallsByNumber.Length)
            .ShouldBe((0, 0, 0, 0, 0), "it has nothing to do with a Host");
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
    public void Events_that_came_while_the_Host_was_away_are_taken_one_after_the_other()
    {
        var slot = Ticking();
        long first = Set() + Long;
        _clock.Advance((3 * Long) + 1);
        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);

        _board.Events.ShouldBe([first, first + Long, first + (2 * Long)]);
        slot.Processor.State->Gpr[3].ShouldBe(3u);
        slot.HostAlarm.ShouldBe(_clock.Monotonic + Long - 1);
    }

    [Theory]
    [InlineData(0)] // the last of them is due now
    [InlineData(1)]
    public void Those_that_bring_no_interrupt_are_told_at_once_up_to_now_and_no_further(long later)
    {
        var slot = Ticking();
        _board.Silent = 3;
        long first = Set() + Long;
        _clock.Advance((3 * Long) + later);
        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);

        _board.Events.ShouldBe([first, first + Long, first + (2 * Long)]);
        slot.Processor.State->Gpr[3].ShouldBe(0u);
        slot.HostAlarm.ShouldBe(_clock.Monotonic + Long - later);
    }

    [Theory]
    [InlineData(0, 0, 251)]
    [InlineData(0, 1, 1)]
    [InlineData(1_000_000_000, 0, 251)]
    public void Of_an_absence_of_more_than_a_tenth_of_a_second_a_Guest_sees_the_end_only(long earlier, long more, int events)
    {
        var slot = Ticking();
        if (earlier != 0)
        {
            _clock.Advance(earlier);
            slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);
            _clock.Advance(slot.HostAlarm!.Value - _clock.Monotonic - Long);
            _board.Events.Clear();
            slot.Processor.State->Gpr[3] = 0;
        }

        _clock.Advance(Long + 100_000_000 + more);
        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);

        _board.Events.Count.ShouldBe(events);
        slot.Processor.State->Gpr[3].ShouldBe((uint)events);
    }

    [Fact]
    public void One_that_only_ticks_is_woken_late_for_several_ticks_and_at_once_for_a_device()
    {
        var slot = Ticking();
        Tick(2600);
        slot.HostWake.ShouldNotBeNull().ShouldBeInRange(slot.HostAlarm!.Value, slot.HostAlarm!.Value + IdleTicks.FarApart - 1);
        (slot.HostWake % IdleTicks.FarApart).ShouldBe(0);
        slot.WouldWake.ShouldBeFalse();
        slot.RaiseInterrupt(1);
        slot.WouldWake.ShouldBeTrue();
        slot.Enter(_slice);
        slot.HostWake.ShouldBe(slot.HostAlarm);
        Tick(2600);
        slot.HostWake!.Value.ShouldBeGreaterThan(slot.HostAlarm!.Value, "nothing has called since");

        void Tick(int times)
        {
            for (int tick = 0; tick < times; tick++)
            {
                _clock.Advance(Long);
                slot.Enter(_slice);
            }
        }
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
    public void A_board_hears_what_time_it_is_when_it_is_switched_on()
    {
        Boot(a => a.hlt());
        _board.Started.ShouldBe(new MachineTime(0, 0, 1_700_000_000, 123_456_789));
    }

    [Fact]
    public void A_processor_begins_in_the_mode_that_its_start_has_set()
    {
        Put(Code, a => a.db(0xb8, 0x34, 0x12, 0xf4)); // in 16 bits: mov ax, 0x1234; hlt
        _slot = new BoardSlot(_memory, _board, processor =>
        {
            Start(processor);
            processor.State->Cs.Attributes &= unchecked((ushort)~SegmentCache.Big);
        }, _clock);
        _slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        _slot.Processor.State->Gpr[0].ShouldBe(0x1234u);
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
    [InlineData(MainboardEnd.Exit)]
    public void The_board_ends_it_at_the_instruction_that_asked(MainboardEnd end)
    {
        var slot = Boot(a =>
        {
            Out(a, FakeBoard.EndPort, (uint)end);
            a.inc(ebx);
        });

        GuestEnd expected = end switch
        {
            MainboardEnd.Reset => new GuestEnd.Restart(),
            MainboardEnd.Exit => new GuestEnd.Exit(33),
            _ => new GuestEnd.PowerOff(),
        };
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

    [Theory]
    [InlineData(0x85, 71, true)] // a task gate, and the table ends with it
    [InlineData(0x85, 0x7ff, true)]
    [InlineData(0x85, 70, false)] // a byte of it is missing
    [InlineData(0x8e, 0x7ff, false)] // an interrupt gate
    [InlineData(0x95, 0x7ff, false)] // no system descriptor
    public void A_double_fault_with_a_task_of_its_own_is_a_crash(int type, int limit, bool isCrash)
    {
        _memory.TryWrite(new GuestPhysical(Gates + (8 * 8)), 0x0000_0000_0010_0000ul | ((ulong)type << 40));
        var slot = Boot(a =>
        {
            a.mov(esp, 0xfffff000);
            a.@int(FakeBoard.Vector);
            a.ud2();
        });
        _memory.TryWrite(new GuestPhysical(Gates + (FakeBoard.Vector * 8)), 0ul);

        slot.Processor.State->IdtLimit = (ushort)limit;

        var end = slot.Enter(_slice).ShouldBeOfType<ExitReason.Shutdown>().End;
        if (isCrash)
            end.ShouldBe(new GuestEnd.Crash($"double fault at 0x{slot.Processor.State->Eip:x}"));
        else
            end.ShouldBe(new GuestEnd.Restart());
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

    [Fact]
    public void The_time_stamp_counter_goes_on_from_what_the_kernel_writes_and_the_board_hears_of_it()
    {
        var slot = Boot(a =>
        {
            a.mov(ecx, 0x10);
            a.mov(eax, 0x10);
            a.mov(edx, 5);
            a.wrmsr();
            a.rdtsc();
            a.mov(edi, edx);
            a.mov(esi, eax);
            a.rdmsr();
            a.cli();
            a.hlt();
        }, ClockKind.Virtual);

        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        var c = slot.Processor.State;
        (c->Gpr[7], c->Gpr[2]).ShouldBe((5u, 5u));
        ((long)c->Gpr[6]).ShouldBeInRange(0x10, 0x10 + (10 * GuestTime.NanosecondsPerInstruction));
        c->Gpr[0].ShouldBeGreaterThan(c->Gpr[6]);
        _board.TimeStamp.ShouldBe(0x5_0000_0010ul);
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

    /// <summary>A Guest that sleeps from event to event of a board that ticks.</summary>
    private BoardSlot Ticking()
    {
        _board.Period = Long;
        var slot = Boot(a =>
        {
            Out(a, FakeBoard.EventPort, Long);
            a.sti();
            var again = a.CreateLabel();
            a.Label(ref again);
            a.hlt();
            a.jmp(again);
        });
        slot.Enter(_slice).ShouldBe(ExitReason.Sleeping);
        return slot;
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
