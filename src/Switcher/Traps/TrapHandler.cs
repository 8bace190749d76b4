// The world switch, seen from the Host: something in the Guest led to ring 0. This decides what it was and whose business it is.
//
//J:Switcher:310 Who gets the trap
// A hypercall is ours. A device-not-available fault is the Guest's, since only its own TS call can have set the flag. A general protection
// fault may be an instruction that we emulate, an invalid opcode a hypercall in disguise. A page fault is the Guest's, too, because the
// page walk has already seen its tables as they are: its address goes to lguest_data.cr2, the only CR2 that a Guest can read. Whatever is
// left is reflected: the Guest kernel is entered through its own gate. No gate, no Guest.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Traps;

/// <summary>Handles traps on the lent slot (ABI sheet 5.5).</summary>
internal sealed unsafe class TrapHandler(GuestSlot slot)
{
    private long _pageFaults;
    private long _others;

    public long PageFaults => _pageFaults;

    public long Others => _others;

    public void Handle(byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        switch (vector)
        {
            case GuestVectors.Hypercall when cause == TrapCause.Software:
                slot.Hypercalls.FromInstruction();
                return;
            case Vectors.InvalidOpcode when VmcallPatch.TryPatch(slot):
                return;
            case Vectors.GeneralProtection when errorCode == 0
                && (PortEmulation.TryEmulate(slot) || DebugRegisterEmulation.TryEmulate(slot)):
                return;
            case Vectors.PageFault:
                _pageFaults++;
                PageFault(errorCode, address);
                return;
            default:
                _others++;
                Reflect(vector, errorCode, errorCode);
                return;
        }
    }

    private void PageFault(uint errorCode, GuestVirtual address)
    {
        if (slot.Shared is { } shared)
        {
            // Hosts through 2.6.35 took this for an attack. It can only happen with the segment wall down.
            if (address.Value >= slot.SwitcherBase && shared.Layout.Family < AbiFamily.Linux3)
            {
                slot.Kill(KillReason.SwitcherAccess, $"access to switcher area at {address.Value:x8}");
                return;
            }

            shared.Write(shared.Layout.Cr2, address.Value);
        }

        Reflect(Vectors.PageFault, errorCode, address.Value);
    }

    private void Reflect(byte vector, uint errorCode, uint detail)
    {
        if (slot.End is not null)
            return;
        ref readonly var gate = ref slot.Idt[vector];
        if (gate.Present)
            slot.Frames.Enter(gate, Vectors.HasErrorCode(vector) ? errorCode : null);
        else
            slot.KillUnhandled(vector, detail);
    }
}
