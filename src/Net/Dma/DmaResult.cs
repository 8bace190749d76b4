// The result of a transfer, for the code that raises interrupts, wakes senders and kills offenders.

namespace Lguest.Net.Dma;

/// <summary>What became of a transfer.</summary>
public enum DmaOutcome
{
    /// <summary>Nobody is bound to the key.</summary>
    NobodyBound,

    /// <summary>Bytes were copied, or there were none to copy: the receiver gets its interrupt.</summary>
    Delivered,

    /// <summary>The receiver has no free buffer: it gets its interrupt all the same, and may be tried once more.</summary>
    NoBuffer,

    /// <summary>There were bytes, and the buffer took none: no interrupt.</summary>
    NothingCopied,

    /// <summary>The sender broke a rule.</summary>
    SenderOffended,

    /// <summary>The receiver broke a rule.</summary>
    ReceiverOffended,
}

/// <summary>The result of one transfer.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Bytes">Bytes copied.</param>
/// <param name="Receiver">Name of the Guest that was bound; null if nobody was.</param>
/// <param name="Irq">The interrupt that it wants.</param>
/// <param name="Offence">The rule that was broken, in an outcome that says so.</param>
/// <param name="Detail">The same in words.</param>
public readonly record struct DmaResult(DmaOutcome Outcome, int Bytes = 0, string? Receiver = null, int Irq = 0,
    DmaOffence Offence = default, string Detail = "")
{
    /// <summary>Whether the receiver's interrupt is due.</summary>
    public bool Raises => Outcome is DmaOutcome.Delivered or DmaOutcome.NoBuffer;
}
