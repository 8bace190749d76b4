// Everything that one x86-32 processor is, as one unmanaged struct in native memory: what a snapshot holds and nothing else, so no pointer,
// nothing that depends on the engine, on where a slice ended or on what has been looked up already. Such things are in EngineState, which
// this struct lies in. It never moves: the interpreter's operands are byte offsets into it, emitted code addresses it from a register, and
// a snapshot is a copy of its bytes. The general registers come first so that an operand offset fits into one byte.
//
// Status flags are lazy. An arithmetic instruction stores only its result and the vector of carries out of each bit; the six flags
// are computed when somebody asks:
//   ZF: FlagResult == 0                      CF: bit 31 of FlagCarries
//   SF: bit 31 of FlagResult ^ bit 0 of FlagCarries     OF: bit 31 ^ bit 30 of FlagCarries
//   AF: bit 3 of FlagCarries                 PF: even parity of (low byte of FlagResult ^ bits 8-15 of FlagCarries)
// Results of 8 and 16 bits are sign-extended and their carries moved up to bits 31 and 30, so the reader need not know the size. Bits 0 and
// 8-15 are zero after arithmetic; they let an arbitrary set of flags (POPF, SAHF) be represented as well. Many pairs stand for the same
// flags; a run of the processor ends with the one pair that Flags.SetStatus makes of them.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lguest.Guest.Cpu;

/// <summary>State of one processor, always the <see cref="EngineState.Cpu"/> of an <see cref="EngineState"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct CpuState
{
    /// <summary>EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI: indices are in <see cref="GeneralRegister"/>.</summary>
    public fixed uint Gpr[8];

    /// <summary>Always 0: the register that stands in for a missing base or index.</summary>
    public uint Zero;

    /// <summary>Offset of the next instruction in CS. Exact only outside of blocks; inside, each operation knows its own.</summary>
    public uint Eip;

    /// <summary>Lazy flags: the last result, sign-extended to 32 bits.</summary>
    public uint FlagResult;

    /// <summary>Lazy flags: carries, see the top of this file.</summary>
    public uint FlagCarries;

    /// <summary>All of EFLAGS but the six status flags; bit 1 is set.</summary>
    public uint FlagsOther;

    /// <summary>Current privilege level, 0-3.</summary>
    public uint Cpl;

    /// <summary>Non-zero for one instruction after MOV SS, POP SS and STI: no interrupt or single-step trap before the next
    /// instruction.</summary>
    public uint Shadow;

    /// <summary>Highest linear address that any segment reaches: the Switcher's segment wall. uint.MaxValue when there is none.</summary>
    public uint SegmentCap;

    public SegmentCache Es;
    public SegmentCache Cs;
    public SegmentCache Ss;
    public SegmentCache Ds;
    public SegmentCache Fs;
    public SegmentCache Gs;
    public SegmentCache Ldtr;
    public SegmentCache Tr;

    public uint GdtBase;
    public uint GdtLimit;
    public uint IdtBase;
    public uint IdtLimit;

    public uint Cr0;
    public uint Cr2;
    public uint Cr3;
    public uint Cr4;

    /// <summary>EFER; only NXE (bit 11) means something here.</summary>
    public uint Efer;

    public uint SysenterCs;
    public uint SysenterEsp;
    public uint SysenterEip;

    /// <summary>Debug registers, through <see cref="DebugRegisters"/>; DR4 and DR5 have no place here. None arms anything.</summary>
    public fixed uint Dr[8];

    /// <summary>
    /// x87, MMX and SSE state in the layout of FXSAVE (Intel SDM vol. 1, table 10-2), but for one thing: the eight x87 registers lie in
    /// physical order R0-R7, not in stack order; FXSAVE and FXRSTOR rotate them. Aligned to 16 bytes.
    /// </summary>
    public FxArea Fx;

    /// <summary>Instructions retired before the current run (see <see cref="Processor.Instructions"/>).</summary>
    public ulong Retired;

    /// <summary>512 bytes as stored by FXSAVE.</summary>
    [InlineArray(64)]
    public struct FxArea
    {
        private ulong _quad;
    }
}
