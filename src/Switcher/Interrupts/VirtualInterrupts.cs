// Thirty-two interrupt lines that exist only as bits: pending here, masked and enabled in the Guest's page.
//
//J:Switcher:330 Raising and delivering
// Anybody may raise a line, from any thread: a bit is set, and the processor is asked to look up at the next block end. Delivering is the
// owner's: the lowest line that is pending and not blocked, if the Guest has interrupts on and does not stand between the store and the
// IRET of its return path.
//
// A Guest enables interrupts with a plain store, which nobody notices. So while something waits, the processor looks up again at each block
// end. That is expensive, and a Guest may keep a line blocked for minutes; so patience is limited. When it is exhausted, the bit is looked
// at when the Guest traps and at each chunk of instructions, a tenth of a millisecond at most.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Interrupts;

/// <summary>Virtual interrupts of one Guest (ABI sheet 5.1, 5.2, 5.6).</summary>
internal sealed unsafe class VirtualInterrupts(GuestSlot slot)
{
    /// <summary>Block ends to look up at for one interrupt that cannot be delivered.</summary>
    private const int Patience = 4000;

    private uint _pending;
    private uint _lastSeen;
    private int _patience;
    private long _delivered;

    /// <summary>The timer's line.</summary>
    public const int TimerIrq = 0;

    public uint Pending => Volatile.Read(ref _pending);

    public long Delivered => _delivered;

    /// <summary>Makes a line pending. Any thread.</summary>
    /// <param name="irq">0-31.</param>
    public void Raise(int irq)
    {
        Interlocked.Or(ref _pending, 1u << irq);
        slot.Processor.RequestPoll();
    }

    /// <summary>Whether a halted Guest would wake. Owner only.</summary>
    public bool WouldWake => slot.Shared is { } shared && (Pending & ~shared.Blocked) != 0;

    /// <summary>Delivers at most one interrupt, if one can be delivered now. Owner only.</summary>
    public void TryDeliver()
    {
        uint pending = Pending;
        if (pending == 0 || slot.Shared is not { } shared)
            return;
        uint candidates = pending & ~shared.Blocked;
        uint eip = slot.Processor.State->Eip;
        if (candidates == 0 || (eip >= slot.NoIrqStart && eip < slot.NoIrqEnd))
        {
            LookAgain(pending);
            return;
        }

        var layout = shared.Layout;
        if (slot.IsHalted)
        {
            shared.Write(layout.IrqEnabled, EFlags.Interrupt);
            slot.IsHalted = false;
        }
        else if ((shared.IrqEnabled & EFlags.Interrupt) == 0)
        {
            if (layout.IrqPending != LguestDataLayout.Absent && shared.Read(layout.IrqPending) == 0)
                shared.Write(layout.IrqPending, EFlags.Interrupt);
            LookAgain(pending);
            return;
        }

        int irq = System.Numerics.BitOperations.TrailingZeroCount(candidates);
        ref readonly var gate = ref slot.Idt[GuestVectors.FirstIrq + irq];
        if (gate.Present)
        {
            Interlocked.And(ref _pending, ~(1u << irq));
            _lastSeen = 0;
            _delivered++;
            if (eip == slot.NoIrqIret)
                slot.Frames.EnterInsteadOfReturn(gate);
            else
                slot.Frames.Enter(gate, null);
        }

        shared.WriteTime(slot.Time.Wall);
        if (layout.IrqPending != LguestDataLayout.Absent && (candidates & (candidates - 1)) == 0 && shared.Read(layout.IrqPending) != 0)
            shared.Write(layout.IrqPending, 0);
        if (Pending != 0)
            LookAgain(Pending);
    }

    private void LookAgain(uint pending)
    {
        if (pending != _lastSeen)
        {
            _lastSeen = pending;
            _patience = Patience;
        }

        if (--_patience > 0)
            slot.Processor.RequestPoll();
    }
}
