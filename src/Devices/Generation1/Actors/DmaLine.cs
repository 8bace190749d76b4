// Connects the Switcher, whose Guest makes a DMA call, with the node's DMA, which carries it out. It translates each side's messages for
// the other, on the caller's thread, and keeps no state.

using System.Collections.Immutable;
using Akka.Actor;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Generation1.Actors;

/// <summary>One Guest's line between Switcher and Dma.</summary>
/// <param name="guest">The Guest.</param>
/// <param name="windows">The pages that it shares: only keys in them are the Dma's to send to.</param>
/// <param name="switcher">The node's Switcher.</param>
/// <param name="dma">The node's Dma.</param>
internal sealed class DmaLine(GuestId guest, ImmutableArray<SharedWindow> windows, IActorRef switcher, IActorRef dma) : IDmaPort, IDmaGuest
{
    public void Bind(GuestPhysical key, GuestPhysical buffers, int count, int irq) =>
        dma.Tell(new DmaProtocol.Bind(guest.Value, key, buffers, count, irq), ActorRefs.NoSender);

    public bool TrySend(GuestPhysical key, GuestPhysical descriptor)
    {
        foreach (var window in windows)
        {
            if (!window.Contains(key))
                continue;
            dma.Tell(new DmaProtocol.Send(guest.Value, key, descriptor), ActorRefs.NoSender);
            return true;
        }

        return false;
    }

    public void Find(GuestPhysical key) => dma.Tell(new DmaProtocol.Find(guest.Value, key), ActorRefs.NoSender);

    public void Raise(int irq) => switcher.Tell(new SwitcherProtocol.Interrupt(guest, irq), ActorRefs.NoSender);

    public void Bound(bool success) => switcher.Tell(new SwitcherProtocol.DmaBound(guest, success), ActorRefs.NoSender);

    public void Sent() => switcher.Tell(new SwitcherProtocol.DmaSent(guest), ActorRefs.NoSender);

    public void Found(GuestPhysical? descriptor) => switcher.Tell(new SwitcherProtocol.DmaFound(guest, descriptor), ActorRefs.NoSender);

    public void Kill(DmaOffence offence, string detail) => switcher.Tell(
        new SwitcherProtocol.DmaOffence(guest, offence == DmaOffence.BadEntry ? KillReason.BadDmaEntry : KillReason.BadDmaAddress, detail),
            ActorRefs.NoSender);
}
