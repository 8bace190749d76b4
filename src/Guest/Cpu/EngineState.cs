// What goes with a CpuState while it is executed and is not part of it: what has been looked up (soft TLB, jump table, block mode, epoch),
// what this run has left and what it has come upon, and where the engine's own code is. All of it can be thrown away between two runs and
// made again from CpuState and memory.
//
// Handlers and emitted code hold one pointer, to the CpuState. What they need at every step lies directly in front of it, in reach of a
// displacement of one byte; what is large or rarely asked for lies behind it.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Cpu;

/// <summary>State of the engine that executes one processor. Allocated by <see cref="Processor"/>, page aligned; never moves.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct EngineState
{
    /// <summary>Bytes in front of <see cref="Cpu"/>.</summary>
    public const int Front = 128;

    /// <summary>Instructions that may still be executed in this run, or work of strings in their place.</summary>
    public long Budget;

    /// <summary>Soft TLB of the current privilege level.</summary>
    public TlbEntry* Tlb;

    /// <summary>Where indirect branches look first: <see cref="JumpEntry.Count"/> entries.</summary>
    public JumpEntry* Jumps;

    /// <summary>Handle of the managed <see cref="Processor"/>.</summary>
    public nint Owner;

    /// <summary>What a slow memory access read: low 64 bits.</summary>
    public ulong Temp;

    /// <summary>What a slow memory access read: high 64 bits.</summary>
    public ulong TempHigh;

    /// <summary>Non-zero: leave at the next block end. Set from any thread.</summary>
    public int Poll;

    /// <summary>Mapping epoch of the code of the current privilege level; links across pages are good for one value only.</summary>
    public uint Epoch;

    /// <summary>Epoch and <see cref="Mode"/> in one number: what an entry of <see cref="Jumps"/> is good for.</summary>
    public uint JumpKey;

    /// <summary>What of the processor's state decoded blocks depend on: <see cref="ModeBits"/>.</summary>
    public uint Mode;

    /// <summary>Non-zero while x87, MMX and SSE instructions must raise #NM (CR0.TS or CR0.EM, see the handlers).</summary>
    public uint FpuTrap;

    /// <summary>Why the last handler returned null.</summary>
    public ExitKind Exit;

    /// <summary>Vector of the pending exception or software interrupt.</summary>
    public uint FaultVector;

    /// <summary>Error code of the pending exception.</summary>
    public uint FaultError;

    /// <summary>Cause of the pending exception.</summary>
    public TrapCause FaultCause;

    /// <summary>Non-zero: an interrupt waits for EFLAGS.IF; what sets it asks for <see cref="Poll"/>.</summary>
    public uint AwaitsWindow;

    /// <summary>What this run's REP string instructions have taken from <see cref="Budget"/> beside the instructions that
    /// retired.</summary>
    public long Unretired;

    /// <summary>0 while the host's x87 has the Guest's registers, else 1.</summary>
    public uint X87Away;

    /// <summary>The same for the XMM registers.</summary>
    public uint XmmAway;

    /// <summary>The emitted instruction that has faulted.</summary>
    public nint FaultPlace;

    /// <summary>Host address that it could not access.</summary>
    public nint FaultAddress;

    /// <summary>Where linear address 0 is in the window of rings 0-2; 0 if there is none.</summary>
    public nint KernelWindow;

    /// <summary>The processor.</summary>
    public CpuState Cpu;

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

    /// <summary>Where emitted code goes on after a fault of its own: a way out.</summary>
    public nint NativeFault;

    /// <summary>The host's error code of a fault: bits of <see cref="AccessKind"/>.</summary>
    public ulong FaultAccess;

    /// <summary>Loads of segment registers in rings 0-2.</summary>
    public SegmentMemo.Table Memos;

    /// <summary>Soft TLB for rings 0-2.</summary>
    public TlbArray SupervisorTlb;

    /// <summary>Soft TLB for ring 3.</summary>
    public TlbArray UserTlb;

    /// <summary>The state around a processor's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EngineState* Of(CpuState* c) => (EngineState*)((byte*)c - Front);

    /// <summary><see cref="TlbEntry.Count"/> entries.</summary>
    [InlineArray(TlbEntry.Count)]
    public struct TlbArray
    {
        private TlbEntry _entry;
    }
}
