// While a Guest changes many page table entries at a time it does not call for each; it puts the calls into a ring and makes one call at
// the end.
//
//J:Switcher:210 The ring
// The Guest fills slot after slot and marks each as ready; the Host has a cursor of its own, does the calls in order, and marks each slot
// as free again. That happens only when the Guest calls anyway, before the call itself, so the order is kept. One thing can come in
// between: a queued call that needs somebody outside. Then the slot goes out with the ring half done, and goes on from the cursor when it
// comes back.
using Lguest.Guest.Abi;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Hypercalls;

/// <summary>The asynchronous ring of one Guest (ABI sheet 3.5).</summary>
internal sealed class AsyncRing(GuestSlot slot)
{
    private int _cursor;

    /// <summary>Slots taken so far.</summary>
    public long Taken { get; private set; }

    /// <summary>Performs what is queued. False if it had to stop early: the Guest is dead, or a call wants to leave.</summary>
    public bool Drain(SharedData shared)
    {
        for (int i = 0; i < LguestDataLayout.RingSlots; i++)
        {
            int at = _cursor;
            if (shared.Status(at) == LguestDataLayout.SlotFree)
                return true;
            _cursor = (at + 1) % LguestDataLayout.RingSlots;
            Taken++;
            var layout = shared.Layout;
            slot.Hypercalls.Perform(new HypercallArguments(
                (Hypercall)shared.Entry(at, 0),
                shared.Entry(at, layout.EntryArguments.First),
                shared.Entry(at, layout.EntryArguments.Second),
                shared.Entry(at, layout.EntryArguments.Third)));
            shared.FreeSlot(at);
            if (slot.IsLeaving)
                return false;
        }

        return true;
    }
}
