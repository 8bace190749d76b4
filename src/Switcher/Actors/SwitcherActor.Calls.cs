// What the Switcher passes on to others: events and the DMA calls of generation 1: who is asked, who waits, and how the answer gets back
// into the Guest.
using Akka.Actor;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using static Lguest.Switcher.Actors.SwitcherProtocol;

namespace Lguest.Switcher.Actors;

public sealed partial class SwitcherActor
{
    //J:Switcher:710 The DMA calls
    // Generation 1 has no rings. A Guest names a key, which is an address, and either says which buffers are filled when somebody sends to
    // that key, or sends. Both calls end when the matter is settled, and only others can settle it, so the Guest is left outside of its
    // world: AwaitsDma. Who settles it is behind the port, or, if the key is an address of the Guest's own memory, in the Launcher: a
    // device that has attached itself to the key, or the Guest's runner. Nobody holds the slot meanwhile, so a Guest that waits can be
    // stopped and closed like one that sleeps.
    private void StartDma(GuestHandle guest, ExitReason call)
    {
        guest.AwaitsDma = true;
        if (call is ExitReason.BindDma bind)
        {
            if (guest.Dma is { } port)
                port.Bind(bind.Key, bind.Buffers, bind.Count, bind.Irq);
            else
                OnDmaFinished(guest.Id, 0);
        }
        else if (call is ExitReason.SendDma send && guest.Dma?.TrySend(send.Key, send.Descriptor) != true)
        {
            DmaPending message = new(guest.Id, send.Key, send.Descriptor);
            if (guest.DmaTargets.TryGetValue(send.Key, out var target))
            {
                target.Tell(message);
            }
            else
            {
                guest.WithLauncher = true;
                guest.Runner?.Tell(message);
                guest.Runner = null;
            }
        }
    }

    private void OnDmaFinished(GuestId id, uint? result)
    {
        if (!_guests.TryGetValue(id, out var guest) || !guest.AwaitsDma || guest.IsLent)
            return;
        guest.AwaitsDma = false;
        guest.Slot?.FinishDma(result);
        GoOn(guest);
    }

    private void OnDmaOffence(DmaOffence offence)
    {
        if (!_guests.TryGetValue(offence.Guest, out var guest) || guest.Slot is not { } slot)
            return;
        if (guest.IsLent)
        {
            guest.Offence ??= (offence.Reason, offence.Detail);
            slot.RequestLeave();
            return;
        }

        slot.KillForDma(offence.Reason, offence.Detail);
        GoOn(guest);
    }

    private void OnGetDma(GetDma request)
    {
        if (!TryFind(request, out var guest, out var slot))
            return;
        if (guest.Dma is not { } port || IsDead(guest) || request.Key.Value % sizeof(uint) != 0
            || !slot.Memory.Contains(request.Key, sizeof(uint)))
        {
            Fail(request, ErrorNumber.NoEntry);
            return;
        }

        guest.DmaAskers.Enqueue((Sender, request.Key));
        port.Find(request.Key);
    }

    private void OnDmaFound(DmaFound found)
    {
        if (!_guests.TryGetValue(found.Guest, out var guest)
            || !guest.DmaAskers.TryDequeue(out var open))
            return;
        if (found.Descriptor is { } descriptor)
            open.Asker.Tell(new Dma(guest.Id, open.Key, descriptor));
        else
            open.Asker.Tell(new Failed(guest.Id, ErrorNumber.NoEntry));
    }

    private void OnAttachDma(AttachDma request)
    {
        if (!TryFind(request, out var guest, out _))
            return;
        if (request.Target is { } target)
            guest.DmaTargets[request.Key] = target;
        else
            guest.DmaTargets.Remove(request.Key);
        Sender.Tell(new Done(guest.Id));
    }

    private ushort FreeNumber()
    {
        ushort number = 0;
        while (_guests.Values.Any(guest => guest.Slot is not null && guest.Number == number))
            number++;
        return number;
    }

    private void OnAttachEvent(AttachEvent request)
    {
        if (!TryFind(request, out var guest, out _))
            return;
        if (request.Address.Value == 0)
            Fail(request, ErrorNumber.Invalid);
        else if (IsDead(guest))
            Fail(request, ErrorNumber.NoEntry);
        else
        {
            if (request.Target is { } target)
                guest.Events[request.Address] = target;
            else
                guest.Events.Remove(request.Address);
            Sender.Tell(new Done(guest.Id));
        }
    }
}
