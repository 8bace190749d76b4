// What the timer and its neighbour, port 61h, remember.

namespace Lguest.Pc.Chips;

/// <summary>The three counters of the 8254 and the writable bits of port 61h.</summary>
/// <param name="Zero">Counter 0: IRQ 0.</param>
/// <param name="One">Counter 1: once memory refresh.</param>
/// <param name="Two">Counter 2: the speaker, and a stop watch for kernels.</param>
/// <param name="Control">Bits 3-0 of port 61h.</param>
public readonly record struct IntervalTimerState(
    TimerChannelState Zero, TimerChannelState One, TimerChannelState Two, byte Control);
