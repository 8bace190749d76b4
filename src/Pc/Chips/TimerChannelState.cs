// What one counter of an 8254 remembers. Counting itself leaves no trace here: a count is computed from the tick at which it began.

namespace Lguest.Pc.Chips;

/// <summary>One counter of an 8254. Times are ticks of <see cref="TimerClock"/>.</summary>
public struct TimerChannelState
{
    /// <summary>0-5, and the field as it was written: 6 and 7 mean 2 and 3.</summary>
    public byte Mode, WrittenMode;

    /// <summary>Counts in four decimal digits instead of 16 bits.</summary>
    public bool IsDecimal;

    /// <summary>RW1-RW0: 1 low byte, 2 high byte, 3 low byte then high byte.</summary>
    public byte Access;

    /// <summary>The next write is the high byte; the low one is in <see cref="LowByte"/>.</summary>
    public bool WritesHigh;

    /// <summary>The low byte that waits for its high byte.</summary>
    public byte LowByte;

    /// <summary>The next read is the high byte.</summary>
    public bool ReadsHigh;

    /// <summary>A count latch command has put the count into <see cref="Latch"/>, which is not read to its end.</summary>
    public bool IsLatched;

    /// <summary>The latched count.</summary>
    public ushort Latch;

    /// <summary>A read-back command has put the status into <see cref="Status"/>.</summary>
    public bool IsStatusLatched;

    /// <summary>The latched status.</summary>
    public byte Status;

    /// <summary>CR: the count as it was written last.</summary>
    public ushort Register;

    /// <summary>A count was written since the control word.</summary>
    public bool HasRegister;

    /// <summary>Status bit 6, NULL COUNT: what was written last is not in the counting element yet.</summary>
    public bool IsNull;

    /// <summary>The GATE pin.</summary>
    public bool Gate;

    /// <summary>The counting element holds a count to work with.</summary>
    public bool IsLoaded;

    /// <summary>Its value at <see cref="StartTick"/>; in modes 2 and 3 the period.</summary>
    public int Start;

    /// <summary>When it had that value; counting goes on from there.</summary>
    public long StartTick;

    /// <summary>Modes 0, 1, 4 and 5: when the count reaches or reached zero; <see cref="long.MaxValue"/> for not yet known,
    /// <see cref="long.MinValue"/> for long ago.</summary>
    public long ZeroTick;

    /// <summary>When <see cref="Register"/> goes into the counting element; <see cref="long.MaxValue"/> for never.</summary>
    public long LoadTick;

    /// <summary>Up to when the counter was followed.</summary>
    public long Seen;
}
