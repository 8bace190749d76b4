// Kernels probe for hardware with IN and OUT even when they know better. An lguest Guest finds an empty machine: reads give all ones,
// writes go nowhere, and neither is worth a fault. From Linux 4.x on two of the ports are those of PCI.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Machine;
using Lguest.Switcher.Slots;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Switcher.Traps;

/// <summary>Instruction emulation on #GP(0) (ABI sheet 5.8).</summary>
internal static unsafe class PortEmulation
{
    private const byte OperandSizePrefix = 0x66;
    private const byte ClearInterrupts = 0xfa;

    /// <summary>Executes the instruction at EIP if it is one that the Host emulates for ring 1. False: nothing done, reflect the
    /// fault.</summary>
    public static bool TryEmulate(GuestSlot slot)
    {
        var c = slot.Processor.State;
        if ((c->Cs.Selector & 3) != GuestSelectors.KernelPrivilege || !Fetch(slot, 0, out byte opcode))
            return false;
        var family = slot.Family;
        if (family == AbiFamily.Linux2623 && c->Eip < slot.KernelAddress.Value)
            return false;
        uint length = 1;
        ushort port = (ushort)c->Gpr[Edx];
        bool prefixed = opcode == OperandSizePrefix;
        if (prefixed)
        {
            length = 2;
            if (!Fetch(slot, 1, out opcode))
                return false;
        }
        else if (opcode == ClearInterrupts && (family >= AbiFamily.Linux2631 || slot.Devices is not null))
        {
            c->Eip += length;
            return true;
        }

        // E4-E7 have the port as an immediate byte, EC-EF in DX; bit 1 is the direction, bit 0 the width.
        switch (opcode & 0xfc)
        {
            case 0xe4:
                if (!Fetch(slot, length, out byte number))
                    return false;
                port = number;
                length++;
                break;
            case 0xec:
                break;
            default:
                return false;
        }

        bool reads = (opcode & 2) == 0;
        bool wide = (opcode & 1) != 0;
        if (slot.Devices is { } devices)
        {
            int bytes = !wide ? 1 : prefixed ? 2 : 4;
            if (!Ask(slot, devices, port, bytes, reads))
                return false;
        }
        else if (reads)
        {
            c->Gpr[Eax] = family == AbiFamily.Linux3 ? Late(c->Gpr[Eax], wide, prefixed) : Early(c->Gpr[Eax], wide, prefixed);
        }

        c->Eip += length;
        return true;
    }

    /// <summary>A write that the devices refuse is the Guest's general protection fault.</summary>
    private static bool Ask(GuestSlot slot, IGuestDevices devices, ushort port, int bytes, bool reads)
    {
        var c = slot.Processor.State;
        uint mask = uint.MaxValue >> (32 - (8 * bytes));
        bool isDone = true;
        if (reads)
            c->Gpr[Eax] = (c->Gpr[Eax] & ~mask) | (devices.ReadPort(port, bytes, slot.Time.Now) & mask);
        else
            isDone = devices.TryWritePort(port, bytes, c->Gpr[Eax] & mask, slot.Time.Now);
        slot.Settle();
        return isDone;
    }

    /// <summary>Up to 2.6.35 the Host filled too much, and kernels that probed with it never minded.</summary>
    private static uint Early(uint eax, bool wide, bool prefixed) => wide ? uint.MaxValue : eax | (prefixed ? 0xffff0000u : 0xffffu);

    private static uint Late(uint eax, bool wide, bool prefixed) => (wide, prefixed) switch
    {
        (false, _) => eax | 0xff,
        (true, true) => eax | 0xffff,
        (true, false) => uint.MaxValue,
    };

    private static bool Fetch(GuestSlot slot, uint offset, out byte value)
    {
        var c = slot.Processor.State;
        value = 0;
        return slot.Processor.TryReadLinear(new GuestVirtual(c->Cs.Base + c->Eip + offset), new Span<byte>(ref value), AccessKind.Read);
    }
}
