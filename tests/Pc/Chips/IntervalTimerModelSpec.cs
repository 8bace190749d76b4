// The timer's counts, outputs and edges are computed, not counted. Here they are compared with a counter that counts, over thousands of
// short programs of control words, counts, gates and waits.
using FsCheck;
using FsCheck.Fluent;
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class IntervalTimerModelSpec
{
    private const int Programs = 4_000;
    private const int Steps = 40;

    [Fact]
    public void The_closed_form_agrees_with_a_counter_that_counts() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => RunProgram(new Random(seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Programs));

    [Fact]
    public void Ticks_and_times_are_exact_inverses()
    {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++)
        {
            long tick = random.NextInt64(long.MaxValue / 1_000_000_000 * TimerClock.Rate) >> random.Next(40);
            long time = TimerClock.TimeOf(tick);
            TimerClock.TicksAt(time).ShouldBe(tick);
            if (time > 0)
                TimerClock.TicksAt(time - 1).ShouldBe(tick - 1);
            ((Int128)TimerClock.TicksAt(time) * 1_000_000_000 <= (Int128)time * TimerClock.Rate).ShouldBeTrue();
        }

        TimerClock.TimeOf(long.MaxValue).ShouldBe(long.MaxValue);
    }

    private static bool RunProgram(Random random)
    {
        var bus = new TestBus();
        var line = new TestLine();
        var timer = new IntervalTimer(line);
        timer.Attach(bus.Ports);
        int channel = random.Next(2) * 2;
        var slow = new SlowCounter(gate: channel == 0);
        int rises = 0;
        int access = 3;
        bool isHigh = false;
        long tick = 0;
        bool isProgrammed = false;
        for (int step = 0; step < Steps; step++)
        {
            switch (random.Next(isProgrammed ? 10 : 1))
            {
                case 0:
                    int mode = random.Next(6);
                    access = random.Next(1, 4);
                    bool isDecimal = random.Next(2) == 0;
                    bus.Out(0x43, (channel << 6) | (access << 4) | (mode << 1) | (isDecimal ? 1 : 0));
                    slow.Program(mode, access, isDecimal);
                    isProgrammed = true;
                    isHigh = false;
                    break;
                case 1 or 2:
                    int value = random.Next(4) == 0 ? random.Next(256) : random.Next(access == 3 && isHigh ? 1 : 8);
                    bus.Out(0x40 + channel, value);
                    slow.Write((byte)value);
                    isHigh = !isHigh;
                    break;
                case 3 when channel == 2:
                    bool gate = random.Next(2) == 0;
                    bus.Out(0x61, gate ? 1 : 0);
                    slow.SetGate(gate);
                    break;
                default:
                    int wait = random.Next(8) == 0 ? random.Next(3000) : random.Next(12);
                    long next = timer.NextEvent(bus.Now);
                    for (int i = 0; i < wait; i++)
                    {
                        bool was = slow.Out;
                        slow.Tick();
                        tick++;
                        if (!was && slow.Out && channel == 0)
                        {
                            TimerClock.TimeOf(tick).ShouldBe(next, "the edge was announced");
                            rises++;
                        }

                        if (random.Next(4) == 0 || next <= TimerClock.TimeOf(tick))
                        {
                            timer.Advance(TimerClock.TimeOf(tick));
                            next = timer.NextEvent(TimerClock.TimeOf(tick));
                        }
                    }

                    bus.Now = TimerClock.TimeOf(tick);
                    break;
            }

            bool before = line.Level;
            Compare(bus, slow, channel);
            if (channel == 0 && line.Level && !before)
                rises = line.Rises; // a control word or a count raised OUT between two clocks
            if (channel == 0)
            {
                line.Level.ShouldBe(slow.Out);
                rises = Math.Max(rises, line.Rises);
                line.Rises.ShouldBe(rises);
            }
        }

        return true;
    }

    /// <summary>Status by read-back, count by the latch: both bytes, whatever the access is.</summary>
    private static void Compare(TestBus bus, SlowCounter slow, int channel)
    {
        bus.Out(0x43, 0xC0 | (2 << channel)); // latch both
        byte status = bus.In(0x40 + channel);
        ((status & 0x80) != 0).ShouldBe(slow.Out, $"OUT, {status:X2}");
        ((status & 0x40) != 0).ShouldBe(slow.IsNull, $"NULL COUNT, {status:X2}");
        int access = (status >> 4) & 3;
        int low = access == 2 ? slow.Shown & 0xFF : bus.In(0x40 + channel);
        int high = access == 1 ? slow.Shown >> 8 : bus.In(0x40 + channel);
        ((high << 8) | low).ShouldBe(slow.Shown, $"count, {status:X2}");
        if (channel == 2)
            ((bus.In(0x61) & 0x20) != 0).ShouldBe(slow.Out);
    }
}
