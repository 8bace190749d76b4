// One decoded instruction, as the interpreter executes it: a handler and its operands, laid flat in native memory, one after the other. A
// block is an array of these. A handler does its work and returns the next operation: usually the one after it.
using System.Runtime.InteropServices;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute;

/// <summary>A pre-decoded operation, 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Op
{
    /// <summary>The handler. Returns the next operation, or null after leaving a reason in <see cref="EngineState.Exit"/>.</summary>
    public delegate*<CpuState*, Op*, Op*> Run;

    /// <summary>Branches: where to go when taken; first a link operation, later the first operation of the target block.</summary>
    public Op* Target;

    /// <summary>Offset in CS of this instruction. For the link operation of a branch: of the branch's destination.</summary>
    public uint Eip;

    /// <summary>Offset in CS of the instruction after this one.</summary>
    public uint Next;

    /// <summary>Immediate operand, already sign-extended to the operand size where the instruction says so.</summary>
    public uint Imm;

    /// <summary>Displacement of the memory operand.</summary>
    public int Disp;

    /// <summary>Byte offset in CpuState of the register operand (the reg field, or the only register).</summary>
    public byte A;

    /// <summary>Byte offset in CpuState of the base register, or of the register in the r/m field.</summary>
    public byte B;

    /// <summary>Byte offset in CpuState of the index register.</summary>
    public byte C;

    /// <summary>Index shift, 0-3.</summary>
    public byte Scale;

    /// <summary>Segment of the memory operand.</summary>
    public SegmentRegister Seg;

    /// <summary>Instructions of the block in front of this one: what has retired when this one faults.</summary>
    public byte Index;

    /// <summary><see cref="Address16"/>, and <see cref="HostUnits"/> times two.</summary>
    public byte Traits;

    /// <summary>For the handler's own use.</summary>
    public byte Extra;

    /// <summary>Where the translator's code for this operation begins; without code, the way back to the interpreter. 0 where there is no
    /// translator.</summary>
    public nint Native;

    /// <summary>In <see cref="Traits"/>: 16-bit addressing, the effective address wraps at 64 KiB. Only segmented addressing looks at
    /// it.</summary>
    public const byte Address16 = 1;

    public readonly bool HasAddress16 => (Traits & Address16) != 0;

    /// <summary>The host's units that have to hold the Guest's registers where <see cref="Native"/> is entered.</summary>
    public HostUnits Needs
    {
        readonly get => (HostUnits)(Traits >> 1);
        set => Traits = (byte)((Traits & Address16) | ((int)value << 1));
    }
}
