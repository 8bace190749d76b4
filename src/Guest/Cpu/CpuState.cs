// Everything that one x86-32 processor is, as one unmanaged struct in native memory. It never moves: the interpreter's operands are byte
// offsets into it, a translator can address it from a register, and a snapshot is a copy of its bytes. The general registers come first so
// that an operand offset fits into one byte.
//
// Status flags are lazy. An arithmetic instruction stores only its result and the vector of carries out of each bit; the six flags
// are computed when somebody asks:
//   ZF: FlagResult == 0                      CF: bit 31 of FlagCarries
//   SF: bit 31 of FlagResult ^ bit 0 of FlagCarries     OF: bit 31 ^ bit 30 of FlagCarries
//   AF: bit 3 of FlagCarries                 PF: even parity of (low byte of FlagResult ^ bits 8-15 of FlagCarries)
// Results of 8 and 16 bits are sign-extended and their carries moved up to bits 31 and 30, so the reader need not know the size. Bits 0 and
// 8-15 are zero after arithmetic; they let an arbitrary set of flags (POPF, SAHF) be represented as well.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lguest.Guest.Decode;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Cpu;

/// <summary>State of one processor. Allocate with <see cref="Processor"/>; page aligned, so <see cref="Fx"/> is 16-byte aligned.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct CpuState
{
    /// <summary>EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.</summary>
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

    /// <summary>The part of the state that decoded blocks depend on: <see cref="ModeBits"/>.</summary>
    public uint Mode;

    /// <summary>Non-zero while x87, MMX and SSE instructions must raise #NM (CR0.TS or CR0.EM, see the handlers).</summary>
    public uint FpuTrap;

    /// <summary>Instructions that may still be executed in this run, or work of strings in their place.</summary>
    public long Budget;

    /// <summary>Soft TLB of the current privilege level.</summary>
    public TlbEntry* Tlb;

    /// <summary>Where indirect branches look first: <see cref="JumpEntry.Count"/> entries.</summary>
    public JumpEntry* Jumps;

    /// <summary>Non-zero: leave at the next block end. Set from any thread.</summary>
    public int Poll;

    /// <summary>Mapping epoch of the code of the current privilege level; links across pages are good for one value only.</summary>
    public uint Epoch;

    /// <summary>Epoch and <see cref="Mode"/> in one number: what an entry of <see cref="Jumps"/> is good for.</summary>
    public uint JumpKey;

    /// <summary>Why the last handler returned null.</summary>
    public ExitKind Exit;

    /// <summary>Vector of the pending exception or software interrupt.</summary>
    public uint FaultVector;

    /// <summary>Error code of the pending exception.</summary>
    public uint FaultError;

    /// <summary>Cause of the pending exception.</summary>
    public TrapCause FaultCause;

    /// <summary>Non-zero for one instruction after MOV SS, POP SS and STI: no interrupt or single-step trap before the next
    /// instruction.</summary>
    public byte Shadow;

    /// <summary>What a slow memory access read: low 64 bits.</summary>
    public ulong Temp;

    /// <summary>What a slow memory access read: high 64 bits.</summary>
    public ulong TempHigh;

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

    /// <summary>Highest linear address that any segment reaches: the Switcher's segment wall. uint.MaxValue when there is none.</summary>
    public uint SegmentCap;

    public uint SysenterCs;
    public uint SysenterEsp;
    public uint SysenterEip;

    /// <summary>Debug registers; DR4 and DR5 are aliases and not used. Kept so that MOV DR reads back; no breakpoints are armed.</summary>
    public fixed uint Dr[8];

    /// <summary>Instructions retired before the current run (see <see cref="Processor.Instructions"/>).</summary>
    public ulong Retired;

    /// <summary>Handle of the managed <see cref="Processor"/>; not part of a snapshot.</summary>
    public nint Owner;

    /// <summary>
    /// x87, MMX and SSE state in the layout of FXSAVE (Intel SDM vol. 1, table 10-2), but for one thing: the eight x87 registers lie in
    /// physical order R0-R7, not in stack order; FXSAVE and FXRSTOR rotate them.
    /// </summary>
    public FxArea Fx;

    /// <summary>Soft TLB for rings 0-2.</summary>
    public TlbArray SupervisorTlb;

    /// <summary>Soft TLB for ring 3.</summary>
    public TlbArray UserTlb;

    /// <summary>What this run's REP string instructions have taken from <see cref="Budget"/> beside the instructions that
    /// retired.</summary>
    public long Unretired;

    /// <summary>What <see cref="Op.Native"/> of an operation without code says; 0 where there is no translator.</summary>
    public nint NativeLeave;

    /// <summary>The same for the first operation of a block.</summary>
    public nint NativeCold;

    /// <summary>What <see cref="Op.Native"/> of a linked fall operation says.</summary>
    public nint NativeFall;

    /// <summary>The same for one that is good for one epoch.</summary>
    public nint NativeFallChecked;

    /// <summary>What <see cref="Op.Native"/> of a link says that is good for one epoch.</summary>
    public nint NativeChecked;

    /// <summary>Non-zero: an interrupt waits for EFLAGS.IF; what sets it asks for <see cref="Poll"/>.</summary>
    public uint AwaitsWindow;

    /// <summary>Where emitted code goes on after a fault of its own: a way out.</summary>
    public nint NativeFault;

    /// <summary>The emitted instruction that has faulted.</summary>
    public nint FaultPlace;

    /// <summary>Host address that it could not access.</summary>
    public nint FaultAddress;

    /// <summary>The host's error code: bits of <see cref="AccessKind"/>.</summary>
    public ulong FaultAccess;

    /// <summary>512 bytes as stored by FXSAVE.</summary>
    [InlineArray(64)]
    public struct FxArea
    {
        private ulong _quad;
    }

    /// <summary><see cref="TlbEntry.Count"/> entries.</summary>
    [InlineArray(TlbEntry.Count)]
    public struct TlbArray
    {
        private TlbEntry _entry;
    }
}
