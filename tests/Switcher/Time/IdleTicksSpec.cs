// When a Guest counts as one that only ticks, and what that changes.
using Lguest.Machine;
using Lguest.Switcher.Time;
using Shouldly;
using Xunit;

namespace Lguest.Switcher.Tests.Time;

public sealed class IdleTicksSpec
{
    private const long Tick = 4_000_000;
    private const ulong TickInstructions = 4_000;
    private const ulong BareTick = 2_720;
    private readonly IdleTicks _ticks = new();
    private long _now;
    private ulong _instructions;
    private long _interrupts;

    [Fact]
    public void A_Guest_that_has_only_ticked_for_a_second_is_woken_at_moments_that_all_such_Guests_have_in_common()
    {
        _ticks.WakeFor(12_345_678).ShouldBe(12_345_678);
        Run(252, TickInstructions);

        _ticks.IsIdle.ShouldBeTrue();
        _ticks.WakeFor(12_345_678).ShouldBe(2 * IdleTicks.Apart);
        _ticks.WakeFor(2 * IdleTicks.Apart).ShouldBe(2 * IdleTicks.Apart);
        _ticks.WakeFor((2 * IdleTicks.Apart) + 1).ShouldBe(3 * IdleTicks.Apart, "never early");
        _ticks.WakeFor(1L << 62).ShouldNotBeNull().ShouldBeInRange((1L << 62) + 1, (1L << 62) + IdleTicks.Apart - 1);
        _ticks.WakeFor(long.MaxValue - IdleTicks.Apart).ShouldBe(long.MaxValue - IdleTicks.Apart, "that is as good as never");
        _ticks.WakeFor(null).ShouldBeNull();
        _ticks.WakeFor(long.MaxValue).ShouldBe(long.MaxValue);
    }

    [Fact]
    public void One_that_does_nothing_else_is_woken_further_apart_still()
    {
        Sleep(3, work: 0);

        _ticks.WakeFor(12_345_678).ShouldBe(IdleTicks.FarApart);
        _ticks.WakeFor(IdleTicks.FarApart + 1).ShouldBe(2 * IdleTicks.FarApart);
    }

    [Theory]
    [InlineData(0, IdleTicks.FarApart)]
    [InlineData(1, IdleTicks.Apart)]
    public void A_tick_takes_what_its_kernel_needs_for_it_and_one_instruction_more_is_work(ulong more, long apart)
    {
        _ticks.Rested(IdleTicks.Watched, (250 * IdleTicks.MostOfTick) + more, 250, wasCalled: false);

        _ticks.WakeFor(1).ShouldBe(apart);
    }

    [Fact]
    public void A_program_that_runs_at_every_wake_ends_that_though_it_runs_less_often_for_it()
    {
        Sleep(3, work: 0);
        Sleep(3, work: 4_000);

        _ticks.WakeFor(12_345_678).ShouldBe(2 * IdleTicks.Apart);
    }

    [Fact]
    public void What_it_executes_ends_that_before_the_second_is_over()
    {
        Run(252, TickInstructions);
        Run(1, IdleTicks.MostInstructions);

        _ticks.IsIdle.ShouldBeFalse();
        _ticks.WakeFor(12_345_678).ShouldBe(12_345_678);
    }

    [Theory]
    [InlineData(IdleTicks.Watched - 1, IdleTicks.MostInstructions, false)]
    [InlineData(IdleTicks.Watched, IdleTicks.MostInstructions, true)]
    [InlineData(IdleTicks.Watched, IdleTicks.MostInstructions + 1, false)]
    public void A_second_with_five_million_instructions_is_enough_and_no_less(long nanoseconds, ulong instructions, bool isIdle)
    {
        _ticks.Rested(nanoseconds, instructions, 0, wasCalled: false);
        _ticks.IsIdle.ShouldBe(isIdle);
    }

    [Fact]
    public void What_it_executed_before_counts_no_more()
    {
        Run(1, 1000 * IdleTicks.MostInstructions);
        Run(252, TickInstructions);
        _ticks.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void So_does_a_device_and_it_begins_anew_afterwards()
    {
        Run(252, TickInstructions);
        _ticks.Rested(_now += Tick, _instructions += TickInstructions, ++_interrupts, wasCalled: true);
        _ticks.IsIdle.ShouldBeFalse();

        Run(240, TickInstructions);
        _ticks.IsIdle.ShouldBeFalse();
        Run(12, TickInstructions);
        _ticks.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void A_Guest_that_works_a_little_at_each_tick_is_not_idle()
    {
        Run(1000, 10 * TickInstructions);
        _ticks.IsIdle.ShouldBeFalse();
    }

    private void Run(int ticks, ulong instructions)
    {
        for (int i = 0; i < ticks; i++)
            _ticks.Rested(_now += Tick, _instructions += instructions, ++_interrupts, wasCalled: false);
    }

    /// <summary>Wakes until it has been watched for so long; at each come the ticks since the last, and some work.</summary>
    private void Sleep(int seconds, ulong work)
    {
        for (long end = _now + (seconds * Nanoseconds.PerSecond); _now < end;)
        {
            long woken = _ticks.WakeFor(_now + Tick)!.Value;
            long ticks = (woken - _now) / Tick;
            _ticks.Rested(_now = woken, _instructions += ((ulong)ticks * BareTick) + work, _interrupts += ticks, wasCalled: false);
        }
    }
}
