// The sheet's checklist 13.1, line 11: the one-shot clock, in real and in virtual time.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Time;

public sealed class ClockSpec
{
    [Fact]
    public void The_alarm_raises_line_0_once_after_its_nanoseconds()
    {
        using var guest = Asleep(1_000_000);
        guest.Run().ShouldBe(ExitReason.Sleeping);
        long due = guest.Slot.HostAlarm.ShouldNotBeNull();
        (due - guest.Clock.Monotonic).ShouldBeInRange(900_000, 1_000_000);
        guest.Clock.Advance(due - guest.Clock.Monotonic - 10_000);
        guest.Run().ShouldBe(ExitReason.Sleeping);
        guest.Clock.Advance(20_000);
        guest.RunToDone();
        guest.Result().ShouldBe(1u);
        guest.Slot.HostAlarm.ShouldBeNull();
    }

    [Fact]
    public void Zero_cancels_and_a_new_alarm_replaces_the_old()
    {
        using var guest = Asleep(1_000_000, 0);
        guest.Run().ShouldBe(ExitReason.Halted);
        using var later = Asleep(1_000, 50_000_000);
        later.Run().ShouldBe(ExitReason.Sleeping);
        later.Slot.HostAlarm!.Value.ShouldBeGreaterThan(later.Clock.Monotonic + 40_000_000);
    }

    [Fact]
    public void A_running_guest_is_interrupted_within_a_chunk_of_its_alarm()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            guest.Call(a, Hypercall.SetClockEvent, 50_000);
            a.Label(ref again);
            a.cmp(__dword_ptr[TestGuest.ResultAt], 0);
            a.je(again);
        }).Gate(0x20);
        Handler(guest);
        guest.RunToDone();
        guest.Result().ShouldBe(1u);
    }

    [Fact]
    public void In_virtual_time_an_instruction_takes_four_nanoseconds_and_the_wall_is_the_epoch_and_those()
    {
        using TestGuest guest = new(LguestDataLayout.Linux3, kind: ClockKind.Virtual);
        guest.Boot(a => a.nop()).RunToDone();
        long now = 4 * (long)guest.Slot.Processor.Instructions;
        now.ShouldBeInRange(4, 1000);
        guest.Slot.Time.Now.ShouldBe(now);
        guest.Slot.Time.Wall.ShouldBe(((uint)GuestTime.VirtualEpochSeconds, (uint)now));
    }

    [Fact]
    public void Virtual_time_jumps_forward_to_an_alarm_and_nowhere_else()
    {
        using TestGuest guest = new(LguestDataLayout.Linux3, kind: ClockKind.Virtual);
        var time = guest.Slot.Time;
        time.SkipToAlarm();
        time.Now.ShouldBe(0, "there is no alarm");
        time.SetAlarm(1000);
        time.SkipToAlarm();
        time.Now.ShouldBe(1000);
        time.SetAlarmAt(400);
        time.SkipToAlarm();
        time.Now.ShouldBe(1000, "that moment has passed");
    }

    [Fact]
    public void In_real_time_an_alarm_makes_no_chunk_shorter()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Slot.Time.SetAlarm(4);
        guest.Slot.Time.InstructionsUntilAlarm(777).ShouldBe(777);
    }

    [Fact]
    public void Each_kind_of_time_has_its_word()
    {
        ClockKinds.Parse("real").ShouldBe(ClockKind.Real);
        ClockKinds.Parse("virtual").ShouldBe(ClockKind.Virtual);
        ClockKinds.Parse("Virtual").ShouldBeNull();
    }

    [Fact]
    public void Time_is_told_at_each_delivery()
    {
        using var guest = Asleep(1_000_000);
        guest.Run();
        guest.Clock.Wall = new(guest.Clock.Wall + 7_000_000_000);
        guest.Clock.Advance(1_000_000);
        guest.RunToDone();
        guest.Field(guest.Layout.Time).ShouldBe(1_700_000_007u);
    }

    [Fact]
    public void The_time_stamp_counter_counts_nanoseconds()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.Notify, 0x1000);
            a.rdtsc();
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], edx);
        });
        guest.Run();
        guest.Clock.Advance(9_000_000_000);
        guest.RunToDone();
        long ticks = guest.Result() | ((long)guest.Result(1) << 32);
        ticks.ShouldBeInRange(9_000_000_000, 9_001_000_000);
    }

    [Fact]
    public void Virtual_time_is_a_function_of_instructions_whatever_the_host_clock_does()
    {
        var first = Observe(1000, 20_000);
        Observe(900_000, 20_000).ShouldBe(first);
        Observe(3, 777).ShouldBe(first);

        static (uint, uint, uint, ulong) Observe(long step, long chunk)
        {
            using TestGuest guest = new(LguestDataLayout.Linux3, kind: ClockKind.Virtual);
            Ticking(guest);
            guest.Clock.Step = step;
            ExitReason reason;
            do
                reason = guest.Slot.Enter(new RunSettings(2_000_000, chunk));
            while (reason is ExitReason.Budget or ExitReason.Timer);
            reason.ShouldBeOfType<ExitReason.Notify>();
            return (guest.Result(), guest.Result(1), guest.Field(guest.Layout.Time + 4), guest.Slot.Processor.Instructions);
        }
    }

    [Fact]
    public void Virtual_time_skips_nothing_while_a_guest_runs_or_is_about_to_wake()
    {
        using TestGuest guest = new(LguestDataLayout.Linux3, kind: ClockKind.Virtual);
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
            a.Label(ref again);
            a.cmp(__dword_ptr[TestGuest.ResultAt + 4], 0);
            a.je(again);
            guest.Call(a, Hypercall.Halt);
        }).Gate(0x25);
        Handler(guest);
        guest.Run(3).ShouldBe(ExitReason.BudgetSpent);
        guest.Slot.Time.Now.ShouldBe(4 * (long)guest.Slot.Processor.Instructions, "it ran all the time");

        guest.Memory.TryWrite(new(TestGuest.ResultAt + 4), 1u);
        guest.Run().ShouldBe(ExitReason.Sleeping);
        guest.Slot.RaiseInterrupt(5);
        guest.RunToDone();
        guest.Result().ShouldBe(1u);
        guest.Slot.Time.Now.ShouldBe(4 * (long)guest.Slot.Processor.Instructions, "a device woke it, and not its alarm");
    }

    [Fact]
    public void Virtual_time_skips_what_a_guest_sleeps()
    {
        using TestGuest guest = new(LguestDataLayout.Linux3, kind: ClockKind.Virtual);
        guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
            guest.Call(a, Hypercall.Halt);
        }).Gate(0x20);
        Handler(guest);
        guest.Run().ShouldBe(ExitReason.Sleeping);
        guest.Slot.HasVirtualTime.ShouldBeTrue();
        guest.RunToDone();
        guest.Result().ShouldBe(1u);
        guest.Field(guest.Layout.Time).ShouldBe((uint)GuestTime.VirtualEpochSeconds + 4);
    }

    /// <summary>Ten alarms while it counts, then asleep for ten more.</summary>
    private static void Ticking(TestGuest guest)
    {
        guest.Boot(a =>
        {
            var spin = a.CreateLabel();
            var sleep = a.CreateLabel();
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            guest.Call(a, Hypercall.SetClockEvent, 100_000);
            a.Label(ref spin);
            a.inc(__dword_ptr[TestGuest.ResultAt + 4]);
            a.cmp(__dword_ptr[TestGuest.ResultAt], 10);
            a.jb(spin);
            a.Label(ref sleep);
            a.mov(__dword_ptr[TestGuest.DataAt], 0);
            guest.Call(a, Hypercall.Halt);
            a.cmp(__dword_ptr[TestGuest.ResultAt], 20);
            a.jb(sleep);
        }).Gate(0x20);
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.pushad();
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            guest.Call(a, Hypercall.SetClockEvent, 123_457);
            a.popad();
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            a.iretd();
        });
    }

    private static TestGuest Asleep(params uint[] alarms)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            foreach (uint alarm in alarms)
                guest.Call(a, Hypercall.SetClockEvent, alarm);
            guest.Call(a, Hypercall.Halt);
        }).Gate(0x20);
        Handler(guest);
        return guest;
    }

    private static void Handler(TestGuest guest) => guest.Assemble(TestGuest.HandlerAt, a =>
    {
        a.inc(__dword_ptr[TestGuest.ResultAt]);
        a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
        a.iretd();
    });
}
