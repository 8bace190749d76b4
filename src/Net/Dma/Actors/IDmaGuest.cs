// How the DMA of a node reaches a Guest. DMA knows only memory and keys; the owner of the Guest interrupts, wakes or kills it.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma.Actors;

/// <summary>A Guest as the Dma actor reaches it. Called on the actor's thread, where nothing may wait.</summary>
public interface IDmaGuest
{
    /// <summary>An interrupt is due, 1-31.</summary>
    void Raise(int irq);

    /// <summary>Answer to <see cref="DmaProtocol.Bind"/>.</summary>
    void Bound(bool success);

    /// <summary>Answer to <see cref="DmaProtocol.Send"/>: used_len says what has arrived.</summary>
    void Sent();

    /// <summary>Answer to <see cref="DmaProtocol.Find"/>: a buffer, or null.</summary>
    void Found(GuestPhysical? descriptor);

    /// <summary>The Guest broke a rule.</summary>
    void Kill(DmaOffence offence, string detail);
}
