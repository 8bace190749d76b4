// The slice, seen from outside: what ends it, what it costs, what is counted meanwhile.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe class SliceSpec
{
    private const int ManyBlocks = 60_000;
    private const long RestingBytes = 6_500_000;

    [Fact]
    public void A_slice_is_over_when_its_nanoseconds_are()
    {
        using var guest = Spinning();
        guest.Clock.Step = 10;
        long start = guest.Clock.Monotonic;
        guest.Slot.Enter(new RunSettings(1000, 100)).ShouldBe(ExitReason.BudgetSpent);
        (guest.Clock.Monotonic - start).ShouldBeInRange(1000, 1050);
        guest.Slot.Statistics().ShouldSatisfyAllConditions(
            figures => figures.RunningNanoseconds.ShouldBeInRange(1000, 1040),
            figures => figures.SwitchesOut.ShouldBe(1),
            figures => figures.Entries.ShouldBe(99),
            figures => figures.Instructions.ShouldBe(99 * 100ul));
    }

    [Fact]
    public void A_slice_ends_no_later_than_it_may()
    {
        using var guest = Spinning();
        guest.Clock.Step = 10;
        guest.Slot.NotAfter = guest.Clock.Monotonic + 200;
        long start = guest.Clock.Monotonic;
        guest.Slot.Enter(new RunSettings(1000, 100)).ShouldBe(ExitReason.BudgetSpent);
        (guest.Clock.Monotonic - start).ShouldBeInRange(200, 250);
    }

    [Fact]
    public void A_guest_that_is_asked_to_leave_comes_out_once()
    {
        using var guest = Spinning();
        guest.Slot.RequestLeave();
        guest.Slot.Enter(TestGuest.Settings).ShouldBe(ExitReason.BudgetSpent);
        guest.Slot.Processor.Instructions.ShouldBe(0ul);
        guest.Clock.Step = 1000;
        guest.Slot.Enter(new RunSettings(20_000, 100)).ShouldBe(ExitReason.BudgetSpent);
        guest.Slot.Processor.Instructions.ShouldBeGreaterThan(0ul, "the wish is forgotten");
    }

    [Fact]
    public void A_running_guest_that_is_asked_to_leave_does_so_at_its_next_block_end()
    {
        using var guest = Spinning();
        int looks = 0;
        guest.Clock.Look = () =>
        {
            if (++looks == 2) // the last before it runs
                guest.Slot.RequestLeave();
        };
        guest.Clock.Step = 1;
        guest.Slot.Enter(new RunSettings(2, 1_000_000)).ShouldBe(ExitReason.BudgetSpent);
        looks.ShouldBe(3, "it has come to its chunk");
        guest.Slot.Processor.Instructions.ShouldBeLessThan(100ul);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public void The_first_and_the_last_line_can_be_raised(int irq)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.RaiseInterrupt(irq);
        guest.Slot.Interrupts.Pending.ShouldBe(1u << irq);
    }

    [Fact]
    public void A_guest_that_is_not_measured_costs_no_processor_time()
    {
        using var guest = Spinning();
        guest.Clock.Step = 10;
        guest.Slot.Enter(new RunSettings(1000, 100));
        (guest.Slot.ProcessorTime, guest.Slot.LeftAt).ShouldBe((0, 0));
    }

    [Fact]
    public void One_that_is_measured_pays_from_the_moment_given_to_the_end()
    {
        using var guest = Spinning();
        guest.Slot.IsMeasured = true;
        guest.Clock.Step = 10;
        long before = guest.Clock.Monotonic;
        guest.Slot.Enter(new RunSettings(1000, 100));
        guest.Slot.ProcessorTime.ShouldBeInRange(1000, guest.Slot.LeftAt - before);
        long first = guest.Slot.ProcessorTime;
        long since = guest.Slot.LeftAt;
        guest.Clock.Advance(5000);
        guest.Slot.Enter(new RunSettings(1000, 100), since);
        guest.Slot.ProcessorTime.ShouldBe(first + guest.Slot.LeftAt - since, "what the thread did to get here is included");
        guest.Slot.IsMeasured = false;
        guest.Slot.Enter(new RunSettings(1000, 100));
        guest.Slot.LeftAt.ShouldBe(0);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(1_000_000_000, false)]
    public void A_guest_that_has_hardly_run_for_a_second_gives_memory_back(long step, bool gives)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3).Raw(a =>
        {
            for (int i = 0; i < ManyBlocks; i++)
            {
                var next = a.CreateLabel();
                a.jmp(next);
                a.Label(ref next);
            }

            a.nop();
            var spin = a.CreateLabel();
            a.Label(ref spin);
            a.jmp(spin);
        });
        guest.Clock.Step = 10;
        guest.Slot.Enter(new RunSettings(1000, 10_000));
        long before = guest.Slot.Statistics().EngineBytes;
        before.ShouldBeGreaterThan(RestingBytes);

        guest.Clock.Step = step;
        guest.Clock.Advance(1_000_000_000);
        guest.Slot.Enter(new RunSettings(1000, 100));
        var figures = guest.Slot.Statistics();
        (figures.EngineBytes < before / 2).ShouldBe(gives);
        figures.MostEngineBytes.ShouldBe(before);
    }

    [Fact]
    public void Each_kind_of_call_and_trap_is_counted_for_itself()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.add(__dword_ptr[esp], 2);
            a.iretd();
        });
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.FlushTlb);
            guest.Call(a, Hypercall.FlushTlb);
            guest.Call(a, Hypercall.TaskSwitched, 0);
            a.ud2();
            a.ud2();
            a.ud2();
        }).Gate(6).RunToDone();
        var figures = guest.Slot.Statistics();
        figures.DirectHypercalls.ShouldBe(5);
        figures.QueuedHypercalls.ShouldBe(0);
        long[] calls = new long[figures.HypercallsByNumber.Length];
        calls[(int)Hypercall.LguestInit] = 1;
        calls[(int)Hypercall.FlushTlb] = 2;
        calls[(int)Hypercall.TaskSwitched] = 1;
        calls[(int)Hypercall.Notify] = 1;
        figures.HypercallsByNumber.ShouldBe(calls);
        figures.Traps.ShouldBe(3);
        figures.PageFaults.ShouldBe(0);
        figures.Interrupts.ShouldBe(0);
        figures.Entries.ShouldBe(1 + 5 + 3, "a slice, and each trap");
        figures.SwitchesOut.ShouldBe(1);
    }

    [Fact]
    public void Mips_are_instructions_per_microsecond_that_it_ran()
    {
        GuestStatistics none = new(1000, 0, 0, 0, [], 0, 0, 0, 0, 0);

        none.ToString().ShouldBe("0 entries, 0 direct and 0 queued hypercalls, 0 page faults and 0 other traps, 0 interrupts, 0 exits to "
            + "the Switcher; Interpreter with 0 bytes beside its memory, 0 at most");
        none.Mips.ShouldBe(0);
        (none with { RunningNanoseconds = 500 }).Mips.ShouldBe(2000);
    }

    [Fact]
    public void An_end_has_a_text()
    {
        new GuestEnd.PowerOff().Text.ShouldBe("CRASH: Power down");
        new GuestEnd.Restart().Text.ShouldBe("restart");
        new GuestEnd.Exit(33).Text.ShouldBe("exit 33");
        new GuestEnd.Killed(KillReason.BadDmaKey, "bad dma key 0x1").Text.ShouldBe("bad dma key 0x1");
    }

    [Fact]
    public void What_the_hosts_dma_or_the_host_itself_finds_wrong_ends_a_guest_with_its_reason()
    {
        using var first = TestGuest.Of(AbiFamily.Linux3);
        first.Slot.KillForDma(KillReason.BadDmaEntry, "bad dma entry");
        first.Slot.Enter(TestGuest.Settings).ShouldBe(new ExitReason.Died(new GuestEnd.Killed(KillReason.BadDmaEntry, "bad dma entry")));
        using var second = TestGuest.Of(AbiFamily.Linux3);
        second.Slot.Abandon("no memory");
        second.Slot.Enter(TestGuest.Settings).ShouldBe(new ExitReason.Died(new GuestEnd.Killed(KillReason.HostResource, "no memory")));
    }

    [Fact]
    public void An_alarm_is_there_from_its_call_to_its_end()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.HasAlarm.ShouldBeFalse();
        guest.Slot.HasVirtualTime.ShouldBeFalse();
        guest.Slot.Time.SetAlarm(1000);
        guest.Slot.HasAlarm.ShouldBeTrue();
        guest.Slot.HostAlarm.ShouldBe(guest.Clock.Monotonic + 1000);
        guest.Slot.Time.TakeAlarm().ShouldBeFalse();
        guest.Clock.Advance(999);
        guest.Slot.Time.TakeAlarm().ShouldBeFalse();
        guest.Clock.Advance(1);
        guest.Slot.Time.TakeAlarm().ShouldBeTrue();
        guest.Slot.HasAlarm.ShouldBeFalse();
        guest.Slot.Time.TakeAlarm().ShouldBeFalse("once");
    }

    [Theory]
    [InlineData(0, 777, 1)]
    [InlineData(4, 777, 1)]
    [InlineData(5, 777, 2)]
    [InlineData(8, 777, 2)]
    [InlineData(4_000_000, 777, 777)]
    public void In_virtual_time_a_chunk_ends_with_the_alarm(uint alarm, long chunk, long instructions)
    {
        using TestGuest guest = new(LguestDataLayout.Linux3, kind: ClockKind.Virtual);
        guest.Slot.Time.InstructionsUntilAlarm(chunk).ShouldBe(chunk, "there is none");
        guest.Slot.Time.SetAlarm(alarm == 0 ? 1 : alarm);
        guest.Slot.Time.InstructionsUntilAlarm(chunk).ShouldBe(instructions);
        guest.Slot.HostAlarm.ShouldBeNull("nobody needs to wait");
    }

    [Fact]
    public void The_first_state_of_a_processor_is_that_of_a_kernel_in_ring_1()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        const uint Bits = ControlRegisters.Cr0MonitorCoprocessor | ControlRegisters.Cr0WriteProtect | ControlRegisters.Cr0Paging
            | ControlRegisters.Cr0TaskSwitched;
        (guest.Cpu->Cr0 & Bits).ShouldBe(ControlRegisters.Cr0MonitorCoprocessor | ControlRegisters.Cr0WriteProtect);
        guest.Cpu->SegmentCap.ShouldBe(0xffbfffffu);
        guest.Cpu->Cr3.ShouldBe(0u);
        guest.Cpu->Efer.ShouldBe(0u);
        using TestGuest pae = new(LguestDataLayout.Linux2631, pae: true);
        pae.Cpu->SegmentCap.ShouldBe(0xffdfffffu);
        pae.Cpu->Efer.ShouldBe(1u << 11);
    }

    [Fact]
    public void The_processors_tables_lie_in_the_first_page_of_the_switchers_area()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        (guest.Cpu->IdtBase, guest.Cpu->IdtLimit).ShouldBe((0xffc00000u, 0x7ffu));
        (guest.Cpu->GdtBase, guest.Cpu->GdtLimit).ShouldBe((0xffc00800u, 0xffu));
        (guest.Cpu->Tr.Base, guest.Cpu->Tr.Limit, guest.Cpu->Tr.Selector, guest.Cpu->Tr.Attributes)
            .ShouldBe((0xffc00900u, 0x67u, (ushort)0x80, (ushort)0x8b), "a busy TSS");
        guest.Slot.Gdt[16].ShouldBe(0xff00_8bc0_0900_0067ul, "the same in the table");
        new ReadOnlySpan<byte>((byte*)guest.Slot.RealTables + 0x966, 2).ToArray().ShouldBe([0x68, 0], "no map of ports: none is allowed");
    }

    private static TestGuest Spinning() => TestGuest.Of(AbiFamily.Linux3).Raw(a =>
    {
        var again = a.CreateLabel();
        a.Label(ref again);
        a.jmp(again);
    });
}
