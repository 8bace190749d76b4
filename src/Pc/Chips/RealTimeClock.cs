// The battery-backed clock of a PC, an MC146818 with 128 bytes: where a kernel learns the date. The time is not counted here: it is the
// wall time that the machine was given at its start plus Guest time, so a Guest that was saved and resumed keeps the time that it had.

using System.Diagnostics;
using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>The clock at 70h-71h (Motorola MC146818 data sheet; register 32h is the century, as in PCs).</summary>
public sealed class RealTimeClock : IPortDevice, ITimedDevice
{
    /// <summary>The clock's interrupt.</summary>
    public const int Irq = 8;

    private const ushort IndexPort = 0x70;

    private const int RegisterA = 10;
    private const int RegisterB = 11;
    private const int RegisterC = 12;
    private const int RegisterD = 13;

    private const byte UpdateInProgress = 0x80; // A: UIP
    private const byte DividerReset = 0x60;     // A: DV2 and DV1
    private const byte SetTime = 0x80;          // B: SET
    private const byte UpdateFlag = 0x10;       // C: UF, and UIE in B
    private const byte AlarmFlag = 0x20;        // C: AF, and AIE in B
    private const byte PeriodicFlag = 0x40;     // C: PF, and PIE in B
    private const byte AllFlags = 0x70;
    private const byte Request = 0x80;          // C: IRQF

    private const long Second = Nanoseconds.PerSecond;

    /// <summary>UIP rises this long before an update. The update itself takes no time here.</summary>
    private const long UpdateWarning = 244_000;

    private readonly IInterruptLine _line;
    private ClockState _state;

    /// <param name="line">IRQ 8.</param>
    /// <param name="wallTime">What the clock shows at Guest time 0.</param>
    public RealTimeClock(IInterruptLine line, DateTime wallTime)
    {
        _line = line;
        _state.Memory[RegisterA] = 0x26; // 32,768 Hz, 1,024 interrupts a second
        _state.Memory[RegisterB] = 0x02; // 24 hours, BCD
        Set(wallTime, 0);
    }

    /// <summary>All that a snapshot needs.</summary>
    public ClockState State
    {
        get => _state;
        set
        {
            _state = value;
            Drive();
        }
    }

    /// <summary>Bit 7 of port 70h: the Guest wants no NMI.</summary>
    public bool MasksNmi => _state.MasksNmi;

    private byte Control => _state.Memory[RegisterB];

    private bool IsDividerReset => (_state.Memory[RegisterA] & DividerReset) == DividerReset;

    /// <summary>The time stands still and its registers hold what was written.</summary>
    private bool IsHeld => (Control & SetTime) != 0 || IsDividerReset;

    private bool IsRequesting => (_state.Memory[RegisterC] & Control & AllFlags) != 0;

    /// <summary>Clocks of 32,768 Hz between two periodic interrupts; 0 for never.</summary>
    private long Period => (_state.Memory[RegisterA] & 15) switch
    {
        0 => 0,
        <= 2 and var rate => 64L << rate,
        var rate => 1L << (rate - 1),
    };

    /// <summary>Sets the clock from outside.</summary>
    public void Set(DateTime wallTime, long now)
    {
        Advance(now);
        var (seconds, ticks) = Math.DivRem(wallTime.Ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        _state.BaseNanoseconds = Modulo(Nanoseconds.Of(new TimeSpan(ticks)) - now, Second);
        _state.BaseSeconds = seconds + (ticks < 0 ? -1 : 0) - (Phase(now) / Second);
        _state.WeekdayShift = 0;
        if (IsHeld)
            WriteRegisters(now);
    }

    /// <summary>What the clock shows, which the Guest may have set.</summary>
    public DateTime WallTime(long now) => ClockFields.DateOf(IsHeld
        ? ClockFields.Read(_state.Memory, Control).ToSeconds()
        : WallSeconds(now));

    /// <summary>Puts the chip at its ports.</summary>
    public void Attach(PortBus bus) => bus.Add(IndexPort, IndexPort + 1, this);

    public long NextEvent(long now)
    {
        // While the request stands nothing can be seen of another.
        if (IsRequesting)
            return long.MaxValue;
        long phase = Phase(_state.Seen);
        long next = long.MaxValue;
        if ((Control & PeriodicFlag) != 0 && Period != 0 && !IsDividerReset)
            next = TimeOfClock(((ClocksAt(phase) / Period) + 1) * Period);
        if ((Control & UpdateFlag) != 0 && !IsHeld)
            next = Math.Min(next, ((phase / Second) + 1) * Second);
        if ((Control & AlarmFlag) != 0 && !IsHeld)
            next = Math.Min(next, NextAlarm(phase));
        return next == long.MaxValue ? next : Math.Max(now, next - _state.BaseNanoseconds);
    }

    public void Advance(long now)
    {
        if (now <= _state.Seen)
            return;
        var (from, to) = (Phase(_state.Seen), Phase(now));
        byte flags = 0;
        if (Period != 0 && !IsDividerReset && ClocksAt(to) / Period > ClocksAt(from) / Period)
            flags |= PeriodicFlag;
        if (!IsHeld && to / Second > from / Second)
        {
            flags |= UpdateFlag;
            if (NextAlarm(from) <= to)
                flags |= AlarmFlag;
        }

        _state.Seen = now;
        _state.Memory[RegisterC] |= flags;
        Drive();
    }

    uint IPortDevice.Read(ushort port, int bytes, long now)
    {
        Advance(now);
        return port == IndexPort ? byte.MaxValue : Read(_state.Index, now);
    }

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        Advance(now);
        if (port == IndexPort)
        {
            _state.Index = (byte)(value & 0x7F);
            _state.MasksNmi = (value & 0x80) != 0;
        }
        else
        {
            Write(_state.Index, (byte)value, now);
        }
    }

    private byte Read(int index, long now)
    {
        switch (index)
        {
            case RegisterA:
                bool isUpdating = !IsHeld && Phase(now) % Second >= Second - UpdateWarning;
                return (byte)(_state.Memory[RegisterA] | (isUpdating ? UpdateInProgress : 0));
            case RegisterC:
                byte flags = (byte)(_state.Memory[RegisterC] | (IsRequesting ? Request : 0));
                _state.Memory[RegisterC] = 0;
                Drive();
                return flags;
            case RegisterD:
                return 0x80; // VRT: the battery is good
            default:
                if (ClockFields.IsTime(index) && !IsHeld)
                    WriteRegisters(now);
                return _state.Memory[index];
        }
    }

    private void Write(int index, byte value, long now)
    {
        switch (index)
        {
            case RegisterA:
                SetControl((byte)(value & ~UpdateInProgress), Control, now);
                break;
            case RegisterB:
                // "The UIE bit is cleared by ... the SET bit going high."
                SetControl(_state.Memory[RegisterA], (byte)((value & SetTime) != 0 ? value & ~UpdateFlag : value), now);
                break;
            case RegisterC or RegisterD:
                break;
            default:
                if (ClockFields.IsTime(index) && !IsHeld)
                {
                    WriteRegisters(now);
                    _state.Memory[index] = value;
                    ReadRegisters(now);
                }
                else
                {
                    _state.Memory[index] = value;
                }

                break;
        }
    }

    /// <summary>Registers A and B. Linux (mc146818_set_time) writes with SET up and the divider held, then lets go of both.</summary>
    private void SetControl(byte a, byte b, long now)
    {
        var (wasHeld, wasReset) = (IsHeld, IsDividerReset);
        if (!wasHeld)
            WriteRegisters(now);
        (_state.Memory[RegisterA], _state.Memory[RegisterB]) = (a, b);
        if (wasReset && !IsDividerReset)
            StartDivider(now);
        if (wasHeld && !IsHeld)
            ReadRegisters(now);
        Drive();
    }

    /// <summary>"The first update cycle begins one-half second" after the divider is let go.</summary>
    private void StartDivider(long now) => _state.BaseNanoseconds = Modulo((Second / 2) - now, Second);

    private void WriteRegisters(long now) =>
        ClockFields.FromSeconds(WallSeconds(now), _state.WeekdayShift).Write(ref _state.Memory, Control);

    private void ReadRegisters(long now)
    {
        var fields = ClockFields.Read(_state.Memory, Control);
        long seconds = fields.ToSeconds();
        _state.BaseSeconds = seconds - (Phase(now) / Second);
        _state.WeekdayShift = (byte)Modulo(fields.Weekday - ClockFields.FromSeconds(seconds, 0).Weekday, 7);
    }

    /// <summary>The phase at which the alarm rings next; <see cref="long.MaxValue"/> if it is set to a time that is no time.</summary>
    private long NextAlarm(long phase)
    {
        long second = (phase / Second) + 1;
        long wait = new ClockAlarm(_state.Memory, Control).SecondsUntil((int)Modulo(_state.BaseSeconds + second, 86_400));
        return wait < 0 ? long.MaxValue : (second + wait) * Second;
    }

    private void Drive() => _line.Set(IsRequesting);

    /// <summary>Nanoseconds on the divider chain: whole seconds are updates.</summary>
    private long Phase(long now) => _state.BaseNanoseconds + now;

    private long WallSeconds(long now) => _state.BaseSeconds + (Phase(now) / Second);

    private static long ClocksAt(long phase) => (phase / Second * 32_768) + (phase % Second * 32_768 / Second);

    private static long TimeOfClock(long clock) =>
        (clock / 32_768 * Second) + (((clock % 32_768 * Second) + 32_767) / 32_768);

    private static long Modulo(long value, long modulus)
    {
        Debug.Assert(modulus > 0);
        long rest = value % modulus;
        return rest < 0 ? rest + modulus : rest;
    }
}
