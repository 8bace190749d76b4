// What the processor does at an interrupt, done by hand: change to the kernel's stack, push where we were, go to the handler.
//
//J:Switcher:320 The frame
// The Guest must find on its stack what hardware would have put there, with one lie: the interrupt flag. The real one is always on while
// a Guest runs, so the pushed one is taken from lguest_data.irq_enabled, and an interrupt gate clears irq_enabled where hardware would
// clear IF.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Traps;

/// <summary>Enters the Guest kernel through one of its gates (ABI sheet 5.3).</summary>
internal sealed unsafe class TrapFrames(GuestSlot slot, HostPages pages)
{
    /// <summary>Builds the frame and goes to the gate's handler. Kills the Guest if its stack is of no use.</summary>
    /// <param name="gate">A present gate.</param>
    /// <param name="errorCode">Pushed last if not null.</param>
    public void Enter(in GuestGate gate, uint? errorCode)
    {
        var processor = slot.Processor;
        var c = processor.State;
        uint eflags = processor.Eflags;
        if ((slot.Shared!.IrqEnabled & EFlags.Interrupt) == 0)
            eflags &= ~EFlags.Interrupt;

        Span<uint> frame = stackalloc uint[6];
        int words = 0;
        if (errorCode is { } error)
            frame[words++] = error;
        frame[words++] = c->Eip;
        frame[words++] = c->Cs.Selector;
        frame[words++] = eflags;

        var stack = c->Ss;
        uint top = c->Gpr[StackPointer];
        bool switches = (stack.Selector & 3) != GuestSelectors.KernelPrivilege;
        if (switches)
        {
            frame[words++] = top;
            frame[words++] = stack.Selector;
            top = pages.TrapStackPointer;
            if (!slot.Gdt.TryStack((ushort)pages.TrapStackSelector, out stack))
            {
                slot.KillUnhandled(GuestVectors.SegmentReload, 0);
                return;
            }
        }

        if (!slot.Gdt.TryCode(GuestSelectors.KernelCode, out var code))
        {
            slot.KillUnhandled(GuestVectors.SegmentReload, 0);
            return;
        }

        top -= (uint)words * sizeof(uint);
        GuestVirtual address = new(stack.Base + top);
        if (!processor.TryWriteLinear(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(frame[..words])))
        {
            slot.Kill(KillReason.BadAddress, $"bad address {address.Value:x8} for a frame of {words * sizeof(uint)} bytes");
            return;
        }

        c->Gpr[StackPointer] = top;
        c->Ss = stack;
        c->Cs = code;
        c->Cpl = GuestSelectors.KernelPrivilege;
        Go(gate);
    }

    /// <summary>The kernel stands at the IRET with which it would return to where the last interrupt found it, and the next one is there
    /// (Linux 4.x). That IRET would take a frame off the stack, and the interrupt put the same one there again: so it stays, and only its
    /// flags are taken (ABI sheet 5.3).</summary>
    public void EnterInsteadOfReturn(in GuestGate gate)
    {
        var processor = slot.Processor;
        var c = processor.State;
        Span<byte> flags = stackalloc byte[sizeof(uint)];
        GuestVirtual address = new(c->Ss.Base + c->Gpr[StackPointer] + FlagsInFrame);
        if (!processor.TryReadLinear(address, flags))
        {
            slot.Kill(KillReason.BadAddress, $"bad address {address.Value:x8} for the flags of a frame");
            return;
        }

        // What IRET in ring 1 cannot change is not changed: the real interrupt flag stays on, and no port is the Guest's.
        uint wanted = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(flags);
        processor.Eflags = (processor.Eflags & ~ChangedByReturn) | (wanted & ChangedByReturn);
        Go(gate);
    }

    private void Go(in GuestGate gate)
    {
        var c = slot.Processor.State;
        c->Eip = gate.Offset;

        // A handler that began with the single-step flag on would trap into itself for ever; hardware clears these, and so did the last
        // lguest.
        c->FlagsOther &= ~(EFlags.Trap | EFlags.NestedTask | EFlags.Resume);
        slot.Processor.RefreshMode();
        if (gate.Type == GuestGate.InterruptGate)
            slot.Shared!.Write(slot.Shared.Layout.IrqEnabled, 0);
    }

    private const int StackPointer = 4;
    private const uint FlagsInFrame = 8;
    private const uint ChangedByReturn = EFlags.Status | EFlags.Direction | EFlags.AlignmentCheck | EFlags.Identification;
}
