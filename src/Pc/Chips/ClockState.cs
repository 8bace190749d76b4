// What the battery-backed clock remembers: all that a snapshot needs of it.

using System.Runtime.CompilerServices;

namespace Lguest.Pc.Chips;

/// <summary>The 128 bytes behind ports 70h and 71h and how they stand to Guest time.</summary>
public struct ClockState
{
    /// <summary>The bytes. Those of the time are valid only while the clock is held.</summary>
    public ClockMemory Memory;

    /// <summary>Port 70h, bits 6-0.</summary>
    public byte Index;

    /// <summary>Port 70h, bit 7.</summary>
    public bool MasksNmi;

    /// <summary>Wall time at Guest time 0: whole seconds since 1970 UTC ...</summary>
    public long BaseSeconds;

    /// <summary>... and nanoseconds, 0-999,999,999.</summary>
    public long BaseNanoseconds;

    /// <summary>What the weekday register is ahead of the calendar's, 0-6.</summary>
    public byte WeekdayShift;

    /// <summary>Guest time (ns) up to which flags were raised.</summary>
    public long Seen;
}

/// <summary>128 bytes as a value.</summary>
[InlineArray(128)]
public struct ClockMemory
{
    private byte _first;
}
