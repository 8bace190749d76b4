// The clock of one Guest: its nanoseconds, its wall time, its one-shot alarm. Everything that a Guest can learn about time comes from here,
// so this is the only place where real and virtual time differ.
//
//J:Switcher:500 Two kinds of time
// In real time a nanosecond is a nanosecond: the time-stamp counter is declared to run at exactly 1 GHz, so that its ticks are nanoseconds
// of the Host's monotonic clock and nobody multiplies. In virtual time an instruction takes 4 nanoseconds, whatever the Host is doing
// meanwhile, and an idle Guest does not wait at all: its clock jumps to the next alarm. The alarm must then ring at an exact instruction,
// which is why a slice asks how many instructions are left until it.
using Lguest.Guest.Cpu;
using Lguest.Machine;

namespace Lguest.Switcher.Time;

/// <summary>Time as one Guest sees it. Only for the owner of the slot.</summary>
internal sealed class GuestTime
{
    /// <summary>Rate of the time-stamp counter: one tick is one nanosecond.</summary>
    public const uint TscKhz = 1_000_000;

    /// <summary>Virtual time: how long an instruction takes.</summary>
    public const long NanosecondsPerInstruction = 4;

    /// <summary>Virtual time begins at 2020-01-01T00:00:00Z.</summary>
    public const long VirtualEpochSeconds = 1_577_836_800;

    private readonly ClockKind _kind;
    private readonly IHostClock _host;
    private readonly Processor _processor;
    private readonly long _start;
    private long _skipped;
    private long _alarm = NoAlarm;

    public GuestTime(ClockKind kind, IHostClock host, Processor processor)
    {
        _kind = kind;
        _host = host;
        _processor = processor;
        _start = host.Monotonic;
    }

    /// <summary><see cref="Alarm"/> while none is set.</summary>
    public const long NoAlarm = long.MaxValue;

    public bool IsVirtual => _kind == ClockKind.Virtual;

    /// <summary>Nanoseconds since the Guest was started; also its time-stamp counter.</summary>
    public long Now => IsVirtual ? ((long)_processor.Instructions * NanosecondsPerInstruction) + _skipped : _host.Monotonic - _start;

    /// <summary>When irq 0 becomes pending, in terms of <see cref="Now"/>.</summary>
    public long Alarm => _alarm;

    /// <summary>The alarm in terms of <see cref="IHostClock.Monotonic"/>; null when there is none or nothing to wait for.</summary>
    public long? HostAlarm => _alarm == NoAlarm || IsVirtual ? null : _alarm + _start;

    /// <summary>UTC as seconds and nanoseconds.</summary>
    public (uint Seconds, uint Nanoseconds) Wall
    {
        get
        {
            long nanoseconds = IsVirtual ? (VirtualEpochSeconds * Nanoseconds.PerSecond) + Now : _host.Wall;
            return ((uint)(nanoseconds / Nanoseconds.PerSecond), (uint)(nanoseconds % Nanoseconds.PerSecond));
        }
    }

    /// <summary>SET_CLOCKEVENT: replaces the alarm; 0 cancels it.</summary>
    public void SetAlarm(uint nanoseconds) => _alarm = nanoseconds == 0 ? NoAlarm : Now + nanoseconds;

    /// <summary>Sets the alarm to a moment in terms of <see cref="Now"/>; <see cref="NoAlarm"/> cancels it.</summary>
    public void SetAlarmAt(long moment) => _alarm = moment;

    /// <summary>True once after the alarm has come due.</summary>
    public bool TakeAlarm()
    {
        if (_alarm == NoAlarm || Now < _alarm)
            return false;
        _alarm = NoAlarm;
        return true;
    }

    /// <summary>Virtual time: an idle Guest's clock jumps to its alarm. Does nothing in real time or without an alarm.</summary>
    public void SkipToAlarm()
    {
        if (IsVirtual && _alarm != NoAlarm)
            _skipped += Math.Max(0, _alarm - Now);
    }

    /// <summary>How many instructions, at most <paramref name="chunk"/>, may run before the alarm has to be looked at.</summary>
    public long InstructionsUntilAlarm(long chunk) =>
        IsVirtual && _alarm != NoAlarm
            ? Math.Clamp((_alarm - Now + NanosecondsPerInstruction - 1) / NanosecondsPerInstruction, 1, chunk)
            : chunk;
}
