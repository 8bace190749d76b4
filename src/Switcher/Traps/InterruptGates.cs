// Two tables of 256 gates: what the Guest asked for, and what the processor gets.
//
//J:Switcher:300 Gates, and the shortcut through them
// The processor's table leads almost everywhere to the Switcher: gates of DPL 0 into ring 0, which are world switches. A user
// program that executes an interrupt it has no business with is stopped by the gate's DPL and gets a general protection fault, as on a PC.
// But the system call is too frequent for a detour. If the Guest wants a trap gate for it, or for an exception that the Host has no
// interest in, the processor gets that very gate: it changes stacks and jumps into the Guest kernel by itself, and the Host never hears of
// it. Only a trap gate will do, for an interrupt gate must turn interrupts off, and in a Guest that is a store into lguest_data.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Traps;

/// <summary>The Guest's IDT and the real one (ABI sheet 5.4, 5.5).</summary>
internal sealed unsafe class InterruptGates
{
    private const int VectorCount = 256;

    /// <summary>Generation 1 kept exceptions, interrupts and the system call; the rest of what a kernel loads was of no interest to
    /// it.</summary>
    private const int GenerationOneVectors = GuestVectors.FirstIrq + GuestVectors.IrqCount;
    private const ulong GatePresent = 1UL << 47;
    private readonly GuestSlot _slot;
    private readonly ulong* _real;
    private readonly GuestGate[] _guest = new GuestGate[VectorCount];
    private bool _patchesVmcall = true;

    public InterruptGates(GuestSlot slot, HostPages pages)
    {
        _slot = slot;
        _real = pages.Idt;
        for (int vector = 0; vector < VectorCount; vector++)
            Refresh(vector);
    }

    public ref readonly GuestGate this[int vector] => ref _guest[vector];

    /// <summary>The gate that the processor sees, for tests and dumps.</summary>
    public ulong Real(int vector) => _real[vector];

    /// <summary>LOAD_IDT_ENTRY.</summary>
    public void LoadEntry(uint vector, uint low, uint high)
    {
        // NMI, double fault, spurious interrupts and the hypercall itself are the Host's.
        if (vector is Vectors.NonMaskable or Vectors.DoubleFault or 15 or GuestVectors.Hypercall)
            return;
        if (_slot.Family == AbiFamily.Linux2623 && vector >= GenerationOneVectors && vector != GuestVectors.Syscall)
            return;
        if (vector >= VectorCount)
        {
            _slot.Kill(KillReason.IdtEntryOutOfRange, $"setting idt entry {vector} out of range");
            return;
        }

        bool present = (high & 0x8000) != 0;
        byte type = (byte)((high >> 8) & 0xf);
        if (present && type is not (GuestGate.InterruptGate or GuestGate.TrapGate))
        {
            _slot.Kill(KillReason.BadIdtType, $"bad idt type {type} for vector {vector}");
            return;
        }

        _guest[vector] = present ? new GuestGate((high & 0xffff0000) | (low & 0xffff), type, (byte)((high >> 13) & 3), true) : default;
        Refresh((int)vector);
    }

    /// <summary>Once the family is known: whether invalid opcodes must pass the Host because hypercalls may be among them.</summary>
    public void SetVmcallEra(bool patches)
    {
        _patchesVmcall = patches;
        Refresh(Vectors.InvalidOpcode);
    }

    /// <summary>Vectors that never concern the Host and may go to the Guest directly.</summary>
    private bool MayBeDirect(int vector) => vector switch
    {
        GuestVectors.Syscall => true,
        >= GuestVectors.Hypercall => false,
        Vectors.DeviceNotAvailable or Vectors.GeneralProtection or Vectors.PageFault => false,
        Vectors.InvalidOpcode => !_patchesVmcall,
        _ => true,
    };

    private void Refresh(int vector)
    {
        _slot.Processor.ForgetDescriptors();
        var gate = _guest[vector];
        if (MayBeDirect(vector) && gate.IsTrapGate)
        {
            _real[vector] = Pack(GuestSelectors.KernelCode, gate.Offset, GuestGate.TrapGate, gate.Dpl);
            return;
        }

        int dpl = vector == GuestVectors.Hypercall ? GuestSelectors.KernelPrivilege : MayBeDirect(vector) ? gate.Dpl : 0;
        _real[vector] = Pack(GuestSelectors.SwitcherCode, 0, GuestGate.InterruptGate, dpl);
    }

    private static ulong Pack(ushort selector, uint offset, byte type, int dpl) =>
        GatePresent | (offset & 0xffff) | ((ulong)selector << 16) | ((ulong)type << 40) | ((ulong)dpl << 45)
            | ((ulong)(offset >> 16) << 48);
}
