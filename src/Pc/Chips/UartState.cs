// What a 16550A remembers: all that a snapshot needs of it.

namespace Lguest.Pc.Chips;

/// <summary>The registers of a 16550A.</summary>
public struct UartState
{
    /// <summary>IER, bits 3-0.</summary>
    public byte InterruptEnable;

    /// <summary>FCR, bits 7, 6, 3 and 0.</summary>
    public byte FifoControl;

    /// <summary>LCR.</summary>
    public byte LineControl;

    /// <summary>MCR, bits 4-0.</summary>
    public byte ModemControl;

    /// <summary>MSR: bits 7-4 as they were seen last, bits 3-0 what has changed.</summary>
    public byte ModemStatus;

    /// <summary>SCR: the driver's own byte.</summary>
    public byte Scratch;

    /// <summary>DLL and DLM.</summary>
    public ushort Divisor;

    /// <summary>LSR bit 1: a character was lost.</summary>
    public bool IsOverrun;

    /// <summary>The transmitter's interrupt waits: the holding register became empty and IIR has not told.</summary>
    public bool TransmitterWaits;

    /// <summary>The time-out interrupt waits.</summary>
    public bool TimedOut;

    /// <summary>Guest time (ns) of the last character in or out of the FIFO.</summary>
    public long LastMoved;

    /// <summary>Guest time (ns) at which the interrupt for received characters was enabled; <see cref="long.MaxValue"/> while it is
    /// not.</summary>
    public long ListensFrom;

    /// <summary>How often LSR was read and found empty, with nothing else in between.</summary>
    public int Polls;

    /// <summary>Characters that came in.</summary>
    public ReceiveFifo Received;
}
