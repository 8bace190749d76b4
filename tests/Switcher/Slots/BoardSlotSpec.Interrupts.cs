// When an interrupt of its board's, or a wish of another thread's, reaches a Guest that owns ring 0: not while they are off, not in the
// shadow of STI, and no later than at the next block end.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe partial class BoardSlotSpec
{
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

    [Fact]
    public void An_interrupt_of_the_boards_own_wakes_it()
    {
        var slot = Boot(a =>
        {
            a.sti();
            a.hlt();
            a.cli();
            a.hlt();
        });
        slot.Enter(_slice).ShouldBe(ExitReason.Halted);
        slot.WouldWake.ShouldBeFalse();
        _board.WriteDevice(0, 4, 0, 0);
        slot.WouldWake.ShouldBeTrue();
        slot.Enter(_slice).ShouldBeOfType<ExitReason.Shutdown>();
    }

    [Fact]
    public void One_that_is_asked_to_leave_while_it_runs_does_so_at_its_next_block_end()
    {
        var slot = Boot(Endless);
        int looks = 0;
        _clock.Look = () =>
        {
            if (++looks == 3) // the last before it runs
                slot.RequestLeave();
        };
        _clock.Step = 1;
        slot.Enter(new RunSettings(3, 1_000_000)).ShouldBe(ExitReason.BudgetSpent);
        slot.Processor.Instructions.ShouldBeLessThan(100ul);
    }

    [Fact]
    public void What_a_device_wants_of_one_that_runs_reaches_the_board_before_its_chunk_is_over()
    {
        var slot = Boot(a =>
        {
            a.sti();
            Endless(a);
            a.cli();
            a.hlt();
        });
        int looks = 0;
        _board.Called = true;
        _clock.Look = () =>
        {
            if (++looks == 3) // the last before it runs
                slot.RaiseInterrupt(3);
        };
        slot.Enter(new RunSettings(2_000_000, 1_000_000)).ShouldBeOfType<ExitReason.Shutdown>();
        _board.Asked.ShouldBe(["signal 3"]);
        slot.Processor.Instructions.ShouldBeLessThan(100ul);
    }

    [Fact]
    public void A_read_of_a_device_may_bring_an_interrupt_and_one_of_a_port_the_end()
    {
        var slot = Boot(a =>
        {
            var next = a.CreateLabel();
            a.sti();
            a.nop();
            a.mov(eax, __dword_ptr[0xe0000000]);
            a.jmp(next);
            a.Label(ref next);
            a.mov(ecx, ebx);
            a.cli();
            a.@in(al, (byte)FakeBoard.EndPort);
            a.inc(ebx);
        });
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.Restart()));
        (slot.Processor.State->Gpr[1], slot.Processor.State->Gpr[3]).ShouldBe((1u, 1u));
    }

    [Fact]
    public void While_they_are_off_an_interrupt_waits_from_block_to_block()
    {
        var slot = Boot(a =>
        {
            a.mov(__dword_ptr[0xe0000000], eax);
            for (int i = 0; i < 3; i++)
            {
                var next = a.CreateLabel();
                a.jmp(next);
                a.Label(ref next);
                a.nop();
            }

            a.mov(ecx, ebx);
            a.sti();
            a.nop();
            a.mov(edx, ebx);
            a.cli();
            a.hlt();
        });
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        (slot.Processor.State->Gpr[1], slot.Processor.State->Gpr[2]).ShouldBe((0u, 1u));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_board_is_not_asked_for_interrupts_block_by_block_while_they_are_off_or_none_waits(bool waits)
    {
        const int Blocks = 500;
        var slot = Boot(a =>
        {
            var again = a.CreateLabel();
            if (waits)
                a.mov(__dword_ptr[0xe0000000], eax);
            a.mov(ecx, Blocks);
            a.Label(ref again);
            if (!waits)
            {
                a.sti();
                a.nop();
                a.cli();
            }

            a.dec(ecx);
            a.jnz(again);
            a.hlt();
        });
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        slot.Processor.Instructions.ShouldBeGreaterThan((ulong)Blocks * 2);
        _board.Looks.ShouldBeLessThan(10);
    }

    [Fact]
    public void An_access_that_changes_nothing_about_the_boards_next_event_does_not_end_a_chunk()
    {
        var slot = Boot(a =>
        {
            var again = a.CreateLabel();
            Out(a, FakeBoard.EventPort, Long);
            a.mov(ecx, 50);
            a.mov(edx, 0x80);
            a.Label(ref again);
            a.@out(dx, al);
            a.dec(ecx);
            a.jnz(again);
            a.hlt();
        });
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        _board.Asked.Count.ShouldBe(51);
        slot.Statistics().Entries.ShouldBe(2, "one chunk to the event's setting, which is nearer than all before, and the rest");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void An_event_that_a_chunk_ending_with_sti_was_too_long_for_interrupts_behind_the_next_instruction(int instructions)
    {
        const int Sti = 6;
        var slot = Boot(a =>
        {
            Out(a, FakeBoard.EventPort, (uint)(instructions * GuestTime.NanosecondsPerInstruction));
            for (int i = 2; i < Sti; i++) // OUT itself is the first
                a.nop();
            a.sti();
            a.nop();
            a.mov(ecx, ebx);
            a.cli();
            a.hlt();
        }, ClockKind.Virtual);
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        slot.Processor.State->Gpr[1].ShouldBe(1u);
    }

    [Fact]
    public void One_that_an_interrupt_resets_executes_nothing_more()
    {
        var slot = Boot(a =>
        {
            a.sti();
            Endless(a);
        });
        slot.Processor.State->IdtLimit = 0;
        int looks = 0;
        _board.Called = true;
        _clock.Look = () =>
        {
            if (++looks == 3) // the last before it runs
                _board.Attention!();
        };
        slot.Enter(new RunSettings(2_000_000, 1_000_000)).ShouldBe(new ExitReason.Shutdown(new GuestEnd.Restart()));
        slot.Processor.Instructions.ShouldBeLessThan(100ul);
    }

    [Fact]
    public void A_second_interrupt_comes_when_the_handler_of_the_first_returns()
    {
        _board.More = 1;
        var slot = Boot(a =>
        {
            a.mov(__dword_ptr[0xe0000000], eax);
            a.sti();
            a.nop();
            a.mov(ecx, ebx);
            a.cli();
            a.hlt();
        });
        slot.Enter(_slice).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        slot.Processor.State->Gpr[1].ShouldBe(2u);
        slot.Statistics().Interrupts.ShouldBe(2);
    }

    public static TheoryData<EngineKind, long> EnginesAndChunks
    {
        get
        {
            TheoryData<EngineKind, long> cases = new() { { EngineKind.Interpreter, 10_000 }, { EngineKind.Auto, 10_000 } };
            for (int chunk = 1; chunk <= 20; chunk++) // one of them ends with STI
                cases.Add(EngineKind.Interpreter, chunk);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(EnginesAndChunks))]
    public void An_interrupt_waits_for_the_instruction_that_lets_it_in_and_no_longer(EngineKind engine, long chunk)
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

        slot.Enter(new RunSettings(2_000_000, chunk)).ShouldBe(new ExitReason.Shutdown(new GuestEnd.PowerOff()));
        var c = slot.Processor.State;
        (c->Gpr[1], c->Gpr[2]).ShouldBe((0u, 1u));
        (c->Gpr[6], c->Gpr[7]).ShouldBe((1u, 2u));
    }

    /// <summary>Goes round until an interrupt has come.</summary>
    private static void Endless(Assembler a)
    {
        var loop = a.CreateLabel();
        a.Label(ref loop);
        a.test(ebx, ebx);
        a.jz(loop);
    }
}
