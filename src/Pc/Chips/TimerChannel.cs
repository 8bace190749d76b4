// One counter of the 8254 in closed form: its count and its output are functions of the tick, from one event (a load, a gate) to the next.
// So a timer that nobody asks costs nothing, and a Guest that slept for an hour costs no more than one that slept for a tick. Written
// after the Intel 8254 data sheet, whose names are used; a model that counts tick by tick stands against it in the tests.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>One counter.</summary>
/// <param name="output">Where OUT leads, or null.</param>
internal sealed class TimerChannel(IInterruptLine? output)
{
    /// <summary>The registers.</summary>
    public TimerChannelState State = new()
    {
        Access = 3,
        Gate = true,
        ZeroTick = long.MaxValue,
        LoadTick = long.MaxValue,
    };

    private bool IsPeriodic => State.Mode is 2 or 3;

    /// <summary>Modes in which only a rising gate starts the count.</summary>
    private bool IsTriggered => State.Mode is 1 or 5;

    private bool IsCounting => State.IsLoaded && (State.Gate || IsTriggered);

    private int Modulus => State.IsDecimal ? 10_000 : 0x1_0000;

    /// <summary>Follows the counter up to a tick, and its output with it.</summary>
    public void Advance(long tick)
    {
        // A load schedules no other load: once is enough.
        if (State.LoadTick <= tick)
        {
            long at = State.LoadTick;
            Follow(at - 1);
            Load(at);
            State.Seen = at;
            output?.Set(OutputAt(at));
        }

        Follow(tick);
    }

    /// <summary>OUT, after <see cref="Advance"/> to the same tick.</summary>
    public bool OutputAt(long tick) => State.Mode switch
    {
        0 => tick >= State.ZeroTick,
        1 => !State.IsLoaded || tick >= State.ZeroTick,
        2 => !IsCounting || Phase(tick) != State.Start - 1,
        3 => !IsCounting || Phase(tick) < HighTicks(State.Start),
        _ => tick != State.ZeroTick,
    };

    /// <summary>The tick, after <paramref name="tick"/>, at which OUT rises next; <see cref="long.MaxValue"/> for never.</summary>
    public long NextRise(long tick)
    {
        long rise = RiseAfter(tick);
        if (rise < State.LoadTick || State.LoadTick == long.MaxValue)
            return rise;

        // A load lies before it: see what the counter does from there, in a copy.
        var copy = new TimerChannel(null) { State = State };
        bool wasHigh = copy.OutputAt(State.LoadTick - 1);
        copy.Load(State.LoadTick);
        return !wasHigh && copy.OutputAt(State.LoadTick) ? State.LoadTick : copy.RiseAfter(State.LoadTick);
    }

    /// <summary>A control word that is no latch or read-back command.</summary>
    public void Program(byte control)
    {
        var old = State;
        int mode = (control >> 1) & 7;
        State = new TimerChannelState
        {
            Mode = (byte)(mode > 5 ? mode - 4 : mode),
            WrittenMode = (byte)mode,
            IsDecimal = (control & 1) != 0,
            Access = (byte)((control >> 4) & 3),
            Gate = old.Gate,
            IsNull = true,
            Start = CountAt(old.Seen),
            LoadTick = long.MaxValue,
            ZeroTick = mode == 0 ? long.MaxValue : long.MinValue,
            Seen = old.Seen,
        };
        output?.Set(OutputAt(State.Seen));
    }

    public void Write(byte value)
    {
        switch (State.Access)
        {
            case 1:
                WriteCount(value);
                break;
            case 2:
                WriteCount((ushort)(value << 8));
                break;
            default:
                if (State.WritesHigh)
                {
                    State.WritesHigh = false;
                    WriteCount((ushort)((value << 8) | State.LowByte));
                }
                else
                {
                    State.WritesHigh = true;
                    State.LowByte = value;
                    if (State.Mode == 0)
                        Stop(); // "writing the first byte disables counting, OUT is set low immediately"
                }

                break;
        }
    }

    public byte Read()
    {
        if (State.IsStatusLatched)
        {
            State.IsStatusLatched = false;
            return State.Status;
        }

        int count = State.IsLatched ? State.Latch : Shown(State.Seen);
        bool isHigh = State.Access == 2 || (State.Access == 3 && State.ReadsHigh);
        if (State.Access == 3)
            State.ReadsHigh = !State.ReadsHigh;
        if (isHigh || State.Access != 3)
            State.IsLatched = false;
        return (byte)(isHigh ? count >> 8 : count);
    }

    /// <summary>The counter latch command. A second one before the count is read is ignored.</summary>
    public void LatchCount()
    {
        if (State.IsLatched)
            return;
        State.IsLatched = true;
        State.Latch = Shown(State.Seen);
        State.ReadsHigh = false;
    }

    /// <summary>The status half of the read-back command: OUT, NULL COUNT, RW, mode, BCD.</summary>
    public void LatchStatus()
    {
        if (State.IsStatusLatched)
            return;
        State.IsStatusLatched = true;
        State.Status = (byte)((OutputAt(State.Seen) ? 0x80 : 0) | (State.IsNull ? 0x40 : 0) | (State.Access << 4)
            | (State.WrittenMode << 1) | (State.IsDecimal ? 1 : 0));
    }

    /// <summary>Drives GATE.</summary>
    public void SetGate(bool level)
    {
        if (level == State.Gate)
            return;
        long tick = State.Seen;
        if (IsTriggered)
        {
            State.Gate = level;
            State.LoadTick = level && State.HasRegister ? tick + 1 : State.LoadTick;
        }
        else if (IsPeriodic)
        {
            // A low gate sets OUT high and stops; a rising one starts a new period with what was written last.
            State.Start = CountAt(tick);
            State.Gate = level;
            State.IsLoaded = false;
            State.LoadTick = level && State.HasRegister ? tick + 1 : long.MaxValue;
        }
        else
        {
            // The count stands, and goes on later from where it stood; OUT does not care. One that has not begun is still full, not 0.
            State.Start = tick == State.StartTick ? State.Start : CountAt(tick);
            State.StartTick = tick;
            State.Gate = level;
            if (tick < State.ZeroTick)
                State.ZeroTick = IsCounting ? tick + State.Start : long.MaxValue;
        }

        output?.Set(OutputAt(tick));
    }

    private void WriteCount(ushort value)
    {
        State.Register = value;
        State.HasRegister = true;
        State.IsNull = true;
        long tick = State.Seen;
        if (State.Mode == 0)
            Stop();
        if (IsTriggered)
            return; // waits for the gate
        if (!IsPeriodic || !IsCounting)
            State.LoadTick = IsPeriodic && !State.Gate ? long.MaxValue : tick + 1;
        else
            State.LoadTick = tick + 1 + RestOfCycle(tick);
    }

    /// <summary>Mode 0 between the bytes of a new count, or until it is loaded: OUT is low and the count stands.</summary>
    private void Stop()
    {
        State.Start = CountAt(State.Seen);
        State.StartTick = State.Seen;
        State.IsLoaded = false;
        State.ZeroTick = long.MaxValue;
        State.LoadTick = long.MaxValue;
        output?.Set(false);
    }

    /// <summary>CR goes into the counting element.</summary>
    private void Load(long tick)
    {
        int count = Decoded(State.Register);
        // In mode 3 a new count that comes at the end of the high half begins with its own low half.
        bool beginsLow = State.Mode == 3 && IsCounting && OutputAt(tick - 1) && HighTicks(State.Start) < State.Start;
        State.LoadTick = long.MaxValue;
        State.IsNull = false;
        State.IsLoaded = true;
        State.Start = count;
        State.StartTick = beginsLow && count > 1 ? tick - HighTicks(count) : tick;
        if (!IsPeriodic)
            State.ZeroTick = IsCounting ? tick + count : long.MaxValue;
    }

    /// <summary>Takes OUT from where it was seen last to a tick, without a load in between.</summary>
    private void Follow(long tick)
    {
        if (tick <= State.Seen)
            return;
        if (output is not null)
        {
            if (RiseAfter(State.Seen) <= tick)
            {
                output.Set(false);
                output.Set(true);
            }

            output.Set(OutputAt(tick));
        }

        State.Seen = tick;
    }

    /// <summary>The next rise of OUT after a tick if nothing is loaded before.</summary>
    private long RiseAfter(long tick)
    {
        if (IsPeriodic)
        {
            if (!IsCounting || State.Start < 2)
                return long.MaxValue;
            long from = Math.Max(tick, State.StartTick);
            return from + State.Start - Phase(from);
        }

        long rise = State.Mode is 0 or 1 ? State.ZeroTick : State.ZeroTick is long.MaxValue or long.MinValue ? long.MinValue
            : State.ZeroTick + 1;
        return rise > tick ? rise : long.MaxValue;
    }

    /// <summary>Ticks that are left of the cycle (mode 3: of the half) after a tick, before a new count is taken.</summary>
    private long RestOfCycle(long tick)
    {
        long phase = Phase(tick);
        int high = HighTicks(State.Start);
        long end = State.Mode == 3 && phase < high ? high : State.Start;
        return end - phase - 1;
    }

    private long Phase(long tick) => (tick - State.StartTick) % State.Start;

    /// <summary>Mode 3: for how many ticks of a period OUT is high.</summary>
    private static int HighTicks(int period) => (period + 1) / 2;

    /// <summary>The counting element as a number.</summary>
    private int CountAt(long tick)
    {
        if (!IsCounting)
            return State.Start;
        if (State.Mode == 2)
            return State.Start - (int)Phase(tick);
        if (State.Mode == 3)
        {
            // Odd counts: the even number below is counted, and the high half takes one tick more, at zero.
            int phase = (int)Phase(tick);
            int high = HighTicks(State.Start);
            return (State.Start & ~1) - (2 * (phase < high ? phase : phase - high));
        }

        long left = (State.Start - (tick - State.StartTick)) % Modulus;
        return (int)(left < 0 ? left + Modulus : left);
    }

    private ushort Shown(long tick)
    {
        int count = CountAt(tick) % Modulus;
        return (ushort)(State.IsDecimal
            ? (count / 1000 << 12) | (count / 100 % 10 << 8) | (count / 10 % 10 << 4) | (count % 10)
            : count);
    }

    /// <summary>A written count as a number; 0 stands for the largest. Digits above 9, which are not defined, carry.</summary>
    private int Decoded(ushort register)
    {
        int count = State.IsDecimal
            ? ((register >> 12) * 1000) + ((register >> 8 & 15) * 100) + ((register >> 4 & 15) * 10) + (register & 15)
            : register;
        count %= Modulus;
        return count == 0 ? Modulus : count;
    }
}
