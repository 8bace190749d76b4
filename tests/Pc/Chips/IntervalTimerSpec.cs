// The timer as kernels use it: programmed for ticks, read as a clock, and watched by those who measure their processor with it.
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class IntervalTimerSpec
{
    private readonly TestBus _bus = new();
    private readonly TestLine _line = new();
    private readonly IntervalTimer _timer;

    public IntervalTimerSpec()
    {
        _timer = new IntervalTimer(_line);
        _timer.Attach(_bus.Ports);
    }

    [Fact]
    public void The_tick_of_Linux_comes_for_an_hour_without_drift()
    {
        Program(0x34, 4773); // HZ=250
        long ticks = 0;
        const long Hour = 3_600_000_000_000;
        for (long next = _timer.NextEvent(0); next <= Hour; next = _timer.NextEvent(next))
        {
            _timer.Advance(next);
            ticks++;
        }

        ticks.ShouldBe((TimerClock.TicksAt(Hour) - 1) / 4773);
        _line.Rises.ShouldBe((int)ticks + 1, "and once when OUT went up at the control word");
    }

    [Fact]
    public void A_sleep_over_many_periods_is_one_edge()
    {
        Program(0x34, 4773);
        int before = _line.Rises;
        _timer.Advance(1_000_000_000_000);
        (_line.Rises - before).ShouldBe(1);
    }

    [Fact]
    public void One_shots_come_once_each()
    {
        Program(0x38, 1000); // mode 4: what Linux's clock event device uses for one shot
        long due = _timer.NextEvent(0);
        due.ShouldBe(TimerClock.TimeOf(1002), "loaded at the first clock, low at the thousandth after, high again after one");
        _timer.Advance(due);
        _timer.NextEvent(due).ShouldBe(long.MaxValue);
        _bus.Now = due;
        Write(500);
        _timer.NextEvent(due).ShouldBe(TimerClock.TimeOf(1002 + 502));
    }

    [Fact]
    public void Linux_calibrates_its_processor_by_the_high_byte_of_counter_two()
    {
        _bus.Out(0x61, (_bus.In(0x61) & ~2) | 1);
        _bus.Out(0x43, 0xB0);
        _bus.Out(0x42, 0xFF);
        _bus.Out(0x42, 0xFF);
        _bus.Now = TimerClock.TimeOf(1); // loaded; Linux reads once for nothing to wait for that
        // pit_expect_msb: the high byte stands for 256 ticks, some 215 us.
        for (int expected = 0xFF; expected > 0xC0; expected--)
        {
            _bus.In(0x42);
            _bus.In(0x42).ShouldBe((byte)expected);
            _bus.Now = TimerClock.TimeOf(TimerClock.TicksAt(_bus.Now) + 256);
        }
    }

    [Fact]
    public void Counter_two_shows_its_end_at_port_61()
    {
        _bus.Out(0x61, 1);
        _bus.Out(0x43, 0xB0);
        _bus.Out(0x42, 0x10);
        _bus.Out(0x42, 0x00);
        (_bus.In(0x61) & 0x20).ShouldBe(0);
        _bus.Now = TimerClock.TimeOf(16);
        (_bus.In(0x61) & 0x20).ShouldBe(0);
        _bus.Now = TimerClock.TimeOf(17);
        (_bus.In(0x61) & 0x2F).ShouldBe(0x21);
    }

    [Fact]
    public void The_refresh_bit_turns_over()
    {
        byte[] seen = [.. Enumerable.Range(0, 4).Select(i =>
        {
            _bus.Now = TimerClock.TimeOf(18 * i);
            return (byte)(_bus.In(0x61) & 0x10);
        })];
        seen.ShouldBe([0, 0x10, 0, 0x10]);
    }

    [Fact]
    public void A_latched_count_stands_while_the_counter_runs()
    {
        Program(0x34, 0x1234);
        _bus.Now = TimerClock.TimeOf(1);
        _bus.Out(0x43, 0x00);
        _bus.Now = TimerClock.TimeOf(0x100);
        _bus.In(0x40).ShouldBe((byte)0x34);
        _bus.In(0x40).ShouldBe((byte)0x12);
        _bus.In(0x40).ShouldBe((byte)0x35, "1234h - FFh, live");
        _bus.In(0x43).ShouldBe((byte)0xFF);
    }

    [Fact]
    public void A_read_back_command_latches_several_counters_at_once()
    {
        Program(0x34, 100);
        _bus.Out(0x43, 0x54); // counter 1, low byte, mode 2
        _bus.Out(0x41, 18);
        _bus.Now = TimerClock.TimeOf(11);
        _bus.Out(0x43, 0xC6 | 0x08); // status and count of all
        byte[] seen = [_bus.In(0x40), _bus.In(0x40), _bus.In(0x40), _bus.In(0x41), _bus.In(0x41)];
        seen.ShouldBe([0xB4, 90, 0, 0x94, 8]);
    }

    [Fact]
    public void The_largest_count_is_written_as_zero()
    {
        Program(0x34, 0);
        _timer.NextEvent(0).ShouldBe(TimerClock.TimeOf(65_537));
        Program(0x35, 0); // decimal
        _timer.NextEvent(0).ShouldBe(TimerClock.TimeOf(10_001));
    }

    [Fact]
    public void What_the_timer_remembers_can_be_put_into_another()
    {
        Program(0x34, 4773);
        _bus.Now = 1_000_000;
        _bus.Out(0x40, 7); // half of a new count
        var twin = new IntervalTimer(new TestLine()) { State = _timer.State };

        twin.NextEvent(_bus.Now).ShouldBe(_timer.NextEvent(_bus.Now));
        twin.State.ShouldBe(_timer.State);
    }

    [Fact]
    public void Counter_two_waits_for_its_gate_which_is_bit_0_of_port_61()
    {
        _bus.Out(0x43, 0x90); // low byte, mode 0
        _bus.Out(0x42, 3);
        _bus.Now = TimerClock.TimeOf(100);
        (_bus.In(0x61) & 0x20).ShouldBe(0);
        _bus.Out(0x61, 0xFE);
        (_bus.In(0x61) & 0x0F).ShouldBe(0x0E);
        _bus.Now = TimerClock.TimeOf(200);
        (_bus.In(0x61) & 0x20).ShouldBe(0);
        _bus.Out(0x61, 0xFF);
        _bus.Now = TimerClock.TimeOf(203);
        (_bus.In(0x61) & 0x2F).ShouldBe(0x2F);
    }

    [Fact]
    public void The_refresh_bit_turns_over_every_eighteen_ticks()
    {
        foreach (var (tick, expected) in ((int, int)[])[(17, 0), (18, 0x10), (35, 0x10), (36, 0)])
        {
            _bus.Now = TimerClock.TimeOf(tick);
            (_bus.In(0x61) & 0x10).ShouldBe(expected, $"tick {tick}");
        }
    }

    [Fact]
    public void A_read_back_command_latches_what_it_names_and_of_whom_it_names()
    {
        Program(0x34, 100);
        _bus.Out(0x43, 0x54); // counter 1, low byte, mode 2
        _bus.Out(0x41, 50);
        _bus.Now = TimerClock.TimeOf(11);
        _bus.Out(0x43, 0xD2); // the count of counter 0
        _bus.Now = TimerClock.TimeOf(21);
        byte[] count = [_bus.In(0x40), _bus.In(0x40), _bus.In(0x41)];
        count.ShouldBe([90, 0, 30]);
        _bus.Out(0x43, 0xE2); // its status
        _bus.Now = TimerClock.TimeOf(31);
        byte[] status = [_bus.In(0x40), _bus.In(0x40), _bus.In(0x40), _bus.In(0x41)];
        status.ShouldBe([0xB4, 70, 0, 20]);
    }

    private void Program(int command, int count)
    {
        _bus.Out(0x43, command);
        Write(count);
    }

    private void Write(int count)
    {
        _bus.Out(0x40, count & 0xFF);
        _bus.Out(0x40, count >> 8);
    }
}
