// A DMA hypercall of a generation 1 Guest concerns other Guests, and the Switcher knows nothing of how Guests reach each other. So it asks
// whatever the Host has put behind this interface, one port for each Guest, and lets the Guest wait for the answer.
using Lguest.Guest.Memory;

namespace Lguest.Switcher.Slots;

/// <summary>What stands behind the DMA hypercalls of one Guest (ABI sheet 9.3 to 9.5). Called on the Switcher's thread, where it must not
/// wait: it passes
/// the request on. Keys have been checked: inside memory, multiples of 4.</summary>
public interface IDmaPort
{
    /// <summary>Binds buffers to a key, or with irq 0 takes that back. Answered by
    /// <see cref="Actors.SwitcherProtocol.DmaBound"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="buffers">Physical address of the array of descriptors.</param>
    /// <param name="count">Descriptors in it, 0 to 65535.</param>
    /// <param name="irq">1-31, or 0.</param>
    void Bind(GuestPhysical key, GuestPhysical buffers, int count, int irq);

    /// <summary>Sends to a key. Answered by <see cref="Actors.SwitcherProtocol.DmaSent"/>.</summary>
    /// <returns>False if the key is one of the Guest's own memory: then nothing was done, and the Guest means its Launcher.</returns>
    bool TrySend(GuestPhysical key, GuestPhysical descriptor);

    /// <summary>Looks for a free buffer that this Guest has bound to a key. Answered by
    /// <see cref="Actors.SwitcherProtocol.DmaFound"/>.</summary>
    void Find(GuestPhysical key);
}
