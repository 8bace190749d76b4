// A Guest kernel that handles a single-step trap reads DR6 to learn what it was. lguest's paravirt operations cover the writing of debug
// registers but not the reading, so on the real Host a program that sets its trap flag brings the whole Guest down. Here the processor
// keeps debug registers for the Guest: reading and writing them from ring 1 works, no breakpoint is ever armed, and gdb's `stepi` works
// inside a Guest.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Traps;

/// <summary>MOV r32, DRn (0F 21 /r) and MOV DRn, r32 (0F 23 /r) of a Guest kernel (Intel SDM vol. 2, MOV; beyond ABI sheet 5.8).</summary>
internal static unsafe class DebugRegisterEmulation
{
    private const byte TwoByteOpcode = 0x0f;
    private const byte FromDebugRegister = 0x21;
    private const byte ToDebugRegister = 0x23;
    private const uint Length = 3;

    /// <summary>Executes the instruction at EIP if it is one of the two. False: nothing done, reflect the fault.</summary>
    public static bool TryEmulate(GuestSlot slot)
    {
        var c = slot.Processor.State;
        Span<byte> bytes = stackalloc byte[(int)Length];
        if ((c->Cs.Selector & 3) != GuestSelectors.KernelPrivilege
            || !slot.Processor.TryReadLinear(new GuestVirtual(c->Cs.Base + c->Eip), bytes, AccessKind.Read) || bytes[0] != TwoByteOpcode)
            return false;
        int debug = (bytes[2] >> 3) & 7;
        int general = bytes[2] & 7;
        switch (bytes[1])
        {
            case FromDebugRegister:
                c->Gpr[general] = DebugRegisters.Read(c, debug);
                break;
            case ToDebugRegister:
                DebugRegisters.Write(c, debug, c->Gpr[general]);
                break;
            default:
                return false;
        }

        c->Eip += Length;
        return true;
    }
}
