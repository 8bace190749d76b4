// The clock as kernels use it: read in any format, set and held, and interrupting at the right nanosecond.
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class RealTimeClockSpec
{
    private const long Second = 1_000_000_000;

    private static readonly DateTime _start = new(2026, 11, 29, 23, 59, 58, 500, DateTimeKind.Utc);

    private readonly TestBus _bus = new();
    private readonly TestLine _line = new();
    private readonly RealTimeClock _clock;

    public RealTimeClockSpec()
    {
        _clock = new RealTimeClock(_line, _start);
        _clock.Attach(_bus.Ports);
    }

    [Fact]
    public void Linux_reads_the_date_in_decimal_digits()
    {
        Fields().ShouldBe([0x58, 0x59, 0x23, 0x01, 0x29, 0x11, 0x26, 0x20]); // a Sunday
        Get(13).ShouldBe((byte)0x80, "the battery is good");
        (Get(10) & 0x80).ShouldBe(0);
        _bus.Now = 3 * Second / 2;
        Fields().ShouldBe([0x00, 0x00, 0x00, 0x02, 0x30, 0x11, 0x26, 0x20]);
    }

    [Theory]
    [InlineData(0x06, 0, 0), InlineData(0x06, 23, 23)]
    [InlineData(0x04, 0, 12), InlineData(0x04, 1, 1), InlineData(0x04, 12, 0x8C), InlineData(0x04, 23, 0x8B)]
    [InlineData(0x00, 0, 0x12), InlineData(0x00, 12, 0x92), InlineData(0x00, 22, 0x90)]
    public void Hours_read_and_write_in_every_format(int control, int hour, int register)
    {
        Put(11, 0x80 | control);
        Put(4, register);
        Put(11, control);
        _clock.WallTime(0).Hour.ShouldBe(hour);
        Get(4).ShouldBe((byte)register);
    }

    [Fact]
    public void An_update_announces_itself()
    {
        _bus.Now = (Second / 2) - 244_001;
        (Get(10) & 0x80).ShouldBe(0);
        _bus.Now++;
        (Get(10) & 0x80).ShouldBe(0x80);
        _bus.Now = Second / 2;
        (Get(10) & 0x80).ShouldBe(0);
    }

    [Fact]
    public void Linux_sets_the_time_with_the_clock_held()
    {
        byte control = Get(11);
        byte rate = Get(10);
        Put(11, control | 0x80);
        Put(10, rate | 0x70);
        _bus.Now = 10 * Second;
        foreach (var (index, value) in ((int, int)[])[(9, 0x99), (8, 0x12), (7, 0x31), (4, 0x23), (2, 0x59), (0, 0x59), (0x32, 0x19)])
            Put(index, value);
        (Get(10) & 0x80).ShouldBe(0);
        Put(11, control);
        Put(10, rate);

        _clock.WallTime(_bus.Now).ShouldBe(new DateTime(1999, 12, 31, 23, 59, 59, DateTimeKind.Utc));
        _bus.Now += (Second / 2) - 1;
        Get(9).ShouldBe((byte)0x99, "half a second to the first update");
        _bus.Now++;
        Get(9).ShouldBe((byte)0x00);
        Get(0x32).ShouldBe((byte)0x20);
    }

    [Fact]
    public void A_register_can_be_set_while_the_clock_runs_and_the_fraction_stays()
    {
        Put(2, 0x30);
        Put(6, 0x05);
        _clock.WallTime(0).ShouldBe(new DateTime(2026, 11, 29, 23, 30, 58, DateTimeKind.Utc));
        Get(6).ShouldBe((byte)5);
        _bus.Now = Second / 2;
        Get(0).ShouldBe((byte)0x59);
    }

    [Fact]
    public void What_is_no_date_becomes_one()
    {
        Put(11, 0x82);
        foreach (int index in (int[])[0, 2, 4, 6, 7, 8, 9, 0x32])
            Put(index, 0xFF);
        Put(8, 2);
        Put(11, 2);

        _clock.WallTime(0).ShouldBe(new DateTime(9999, 2, 28, 23, 59, 59, DateTimeKind.Utc));
        _bus.Now = 400L * 86_400 * Second;
        Fields()[6].ShouldBe((byte)0x99, "time ends there");
    }

    [Fact]
    public void The_update_interrupt_comes_with_the_second_until_it_is_read()
    {
        Get(12);
        Put(11, 0x12);
        _clock.NextEvent(0).ShouldBe(Second / 2);
        _clock.Advance((Second / 2) - 1);
        _line.Level.ShouldBeFalse();
        _clock.Advance(Second / 2);
        _line.Level.ShouldBeTrue();
        _clock.NextEvent(Second / 2).ShouldBe(long.MaxValue, "nothing comes before it is read");
        _bus.Now = Second / 2;
        (Get(12) & 0x90).ShouldBe(0x90);
        _line.Level.ShouldBeFalse();
        _clock.NextEvent(_bus.Now).ShouldBe(3 * Second / 2);
    }

    [Fact]
    public void Holding_the_clock_takes_the_update_interrupt_away()
    {
        Put(11, 0x92);
        Get(11).ShouldBe((byte)0x82);
        _bus.Now = 5 * Second;
        (Get(12) & 0x30).ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 256), InlineData(2, 128), InlineData(3, 8192), InlineData(6, 1024), InlineData(15, 2)]
    public void The_periodic_interrupt_has_every_rate(int rate, int perSecond)
    {
        Put(10, 0x20 | rate);
        Put(11, 0x42);
        int count = 0;
        for (long next = _clock.NextEvent(0); next <= 2 * Second; next = _clock.NextEvent(_bus.Now))
        {
            next.ShouldBeGreaterThan(_bus.Now);
            _bus.Now = next;
            (Get(12) & 0xC0).ShouldBe(0xC0);
            count++;
        }

        count.ShouldBe(2 * perSecond);
    }

    [Fact]
    public void Rate_zero_never_comes()
    {
        Put(10, 0x20);
        Put(11, 0x42);
        _clock.NextEvent(0).ShouldBe(long.MaxValue);
    }

    [Theory]
    [InlineData(0x05, 0x00, 0x00, 6_500)]      // 00:00:05 tomorrow
    [InlineData(0x59, 0x59, 0x23, 500)]
    [InlineData(0xC0, 0xFF, 0xFF, 500)]        // every second
    [InlineData(0x30, 0xC0, 0xC0, 31_500)]     // every minute
    [InlineData(0x30, 0x15, 0xFF, 931_500)]    // every hour
    [InlineData(0x58, 0x59, 0x23, 86_399_500)] // this very second is over
    [InlineData(0x77, 0x00, 0x00, -1)]
    public void The_alarm_rings_at_its_time(int second, int minute, int hour, long milliseconds)
    {
        Put(1, second);
        Put(3, minute);
        Put(5, hour);
        Get(12);
        Put(11, 0x22);
        long next = _clock.NextEvent(0);
        next.ShouldBe(milliseconds < 0 ? long.MaxValue : milliseconds * 1_000_000);
        _bus.Now = milliseconds < 0 ? 100L * 86_400 * Second : next - 1;
        _clock.Advance(_bus.Now);
        _line.Level.ShouldBeFalse();
        _clock.Advance(next);
        _line.Level.ShouldBe(milliseconds >= 0);
    }

    [Fact]
    public void The_rest_is_memory_and_the_index_port_is_deaf()
    {
        foreach (int index in Enumerable.Range(14, 114).Where(index => index != 0x32))
        {
            Put(index, index ^ 0x5A);
            Get(index).ShouldBe((byte)(index ^ 0x5A));
        }

        Get(0x80 | 14);
        _clock.MasksNmi.ShouldBeTrue();
        _bus.In(0x70).ShouldBe((byte)0xFF);
    }

    [Fact]
    public void The_clock_can_be_set_from_outside()
    {
        _bus.Now = 7 * Second;
        var time = new DateTime(1969, 7, 20, 20, 17, 40, 250, DateTimeKind.Utc);
        _clock.Set(time, _bus.Now);
        _clock.WallTime(_bus.Now).ShouldBe(time.AddMilliseconds(-250));
        _bus.Now += 3 * Second / 4;
        _clock.WallTime(_bus.Now).ShouldBe(time.AddMilliseconds(750));
    }

    [Fact]
    public void What_the_clock_remembers_can_be_put_into_another()
    {
        Put(20, 99);
        Put(2, 0x05);
        var twin = new RealTimeClock(new TestLine(), DateTime.UnixEpoch) { State = _clock.State };

        twin.WallTime(5 * Second).ShouldBe(_clock.WallTime(5 * Second));
    }

    [Fact]
    public void Half_a_second_after_the_divider_is_let_go_the_first_second_is_over()
    {
        _bus.Now = Second / 4;
        Put(11, 0x42);
        Put(10, 0x76);
        _clock.NextEvent(_bus.Now).ShouldBe(long.MaxValue);
        _bus.Now = (10 * Second) + (Second / 5);
        Get(0).ShouldBe((byte)0x58, "the time stands still");
        Put(10, 0x26);
        _bus.Now += (Second / 2) - 1;
        Get(0).ShouldBe((byte)0x58);
        _bus.Now++;
        Get(0).ShouldBe((byte)0x59);
        _clock.WallTime(_bus.Now).Second.ShouldBe(59);
    }

    [Theory]
    [InlineData(0x46), InlineData(0x36)]
    public void One_bit_of_the_divider_alone_does_not_hold_it(int control)
    {
        Put(10, control);
        _bus.Now = Second / 2;
        Get(0).ShouldBe((byte)0x59);
    }

    [Theory]
    [InlineData(10, 0x70), InlineData(11, 0xF2)]
    public void While_the_clock_is_held_no_second_passes_and_no_alarm_rings(int register, int value)
    {
        foreach (int alarm in (int[])[1, 3, 5])
            Put(alarm, 0xFF);
        Put(11, 0x32);
        Put(register, value);
        Get(12);
        (Get(10) & 0x80).ShouldBe(0);
        if (register == 10)
            _clock.NextEvent(0).ShouldBe(long.MaxValue);
        _bus.Now = Second / 2 - 1;
        (Get(10) & 0x80).ShouldBe(0, "no update is near");
        _bus.Now = 3 * Second;
        (Get(12) & 0x30).ShouldBe(0);
    }

    [Fact]
    public void What_is_written_while_it_is_held_can_be_read_back_before_it_runs()
    {
        Put(11, 0x82);
        Put(9, 0x99);
        Put(0, 0x07);
        _bus.Now = 5 * Second;
        Get(9).ShouldBe((byte)0x99);
        Get(0).ShouldBe((byte)0x07);
    }

    [Fact]
    public void Reading_and_writing_see_what_is_due()
    {
        _bus.Out(0x70, 12);
        _bus.Now = Second / 2;
        (_bus.In(0x71) & 0x10).ShouldBe(0x10, "a second is over");
        _bus.Out(0x70, 11);
        _bus.Now = 3 * Second / 2;
        _bus.Out(0x71, 0x12);
        _line.Level.ShouldBeTrue("and another before its interrupt was enabled");
    }

    [Fact]
    public void Register_A_reads_back_but_for_the_update_bit()
    {
        Get(10).ShouldBe((byte)0x26);
        Put(10, 0xAF);
        Get(10).ShouldBe((byte)0x2F);
        _clock.MasksNmi.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0x80, 0x00, 0x00, -1), InlineData(0x00, 0x80, 0x00, -1), InlineData(0x00, 0x00, 0x80, -1)]
    [InlineData(0x00, 0x60, 0x00, -1), InlineData(0x00, 0x00, 0x24, -1), InlineData(0x60, 0x00, 0x00, -1)]
    [InlineData(0xC0, 0xC0, 0xC0, 0), InlineData(0x30, 0xC0, 0xC0, 14), InlineData(0x10, 0xC0, 0xC0, 54), InlineData(0x00, 0x31, 0xC0, 44)]
    [InlineData(0xC0, 0x31, 0xC0, 44), InlineData(0xC0, 0x29, 0xC0, 3524)]
    [InlineData(0xC0, 0xC0, 0x13, 1784), InlineData(0xC0, 0xC0, 0x12, 0)]
    public void At_noon_the_alarm_rings_at_its_time_too(int second, int minute, int hour, int wait)
    {
        _clock.Set(new DateTime(2026, 11, 29, 12, 30, 15, 500, DateTimeKind.Utc), 0);
        Put(1, second);
        Put(3, minute);
        Put(5, hour);
        Put(11, 0x22);
        _clock.NextEvent(0).ShouldBe(wait < 0 ? long.MaxValue : (wait * Second) + (Second / 2));
    }

    [Fact]
    public void An_alarm_at_midnight_rings_at_the_next_one()
    {
        _clock.Set(new DateTime(2026, 11, 29, 23, 59, 59, 500, DateTimeKind.Utc), 0);
        foreach (int alarm in (int[])[1, 3, 5])
            Put(alarm, 0);
        Put(11, 0x22);
        _clock.NextEvent(0).ShouldBe(Second / 2);
    }

    [Fact]
    public void A_weekday_that_is_not_the_calendar_s_goes_on_from_there()
    {
        Put(6, 5); // on a Sunday
        _bus.Now = 6 * 86_400 * Second;
        Get(6).ShouldBe((byte)4);
    }

    [Fact]
    public void There_is_no_year_0()
    {
        Put(11, 0x82);
        Put(9, 0);
        Put(0x32, 0);
        Put(11, 2);
        _clock.WallTime(0).Year.ShouldBe(1);
    }

    [Fact]
    public void A_saved_clock_that_asks_for_its_interrupt_still_does()
    {
        Put(11, 0x12);
        _clock.Advance(Second);
        var line = new TestLine();
        _ = new RealTimeClock(line, DateTime.UnixEpoch) { State = _clock.State };
        line.Level.ShouldBeTrue();
    }

    private byte[] Fields() => [.. ((int[])[0, 2, 4, 6, 7, 8, 9, 0x32]).Select(Get)];

    private byte Get(int index)
    {
        _bus.Out(0x70, index);
        return _bus.In(0x71);
    }

    private void Put(int index, int value)
    {
        _bus.Out(0x70, index);
        _bus.Out(0x71, value);
    }
}
