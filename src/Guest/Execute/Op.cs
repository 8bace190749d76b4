// One decoded instruction, as the interpreter executes it: a handler and its operands, laid flat in native memory, one after the other. A
// block is an array of these. A handler does its work and returns the next operation: usually the one after it.
using System.Runtime.InteropServices;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute;

/// <summary>A pre-decoded operation, 40 bytes: a Guest has a hundred thousand and more of them. What leads to another block has no memory
/// operand with a displacement, so the two share their place.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public unsafe struct Op
{
    /// <summary>The handler. Returns the next operation, or null after leaving a reason in <see cref="EngineState.Exit"/>.</summary>
    [FieldOffset(0)]
    public delegate*<CpuState*, Op*, Op*> Run;

    /// <summary>Branches: where to go when taken; first a link operation, later the first operation of the target block. Links and ends of
    /// blocks: where they lead. Of the others it is the memory operand.</summary>
    [FieldOffset(8)]
    public Op* Target;

    /// <summary>Displacement of the memory operand.</summary>
    [FieldOffset(8)]
    public int Disp;

    /// <summary>Byte offset in CpuState of the base register, or of the register in the r/m field.</summary>
    [FieldOffset(12)]
    public byte B;

    /// <summary>Byte offset in CpuState of the index register.</summary>
    [FieldOffset(13)]
    public byte C;

    /// <summary>Index shift, 0-3.</summary>
    [FieldOffset(14)]
    public byte Scale;

    /// <summary>Offset in CS of this instruction. For the link operation of a branch: of the branch's destination.</summary>
    [FieldOffset(16)]
    public uint Eip;

    /// <summary>Immediate operand, already sign-extended to the operand size where the instruction says so.</summary>
    [FieldOffset(20)]
    public uint Imm;

    /// <summary>Where the translator's code for this operation begins; without code, the way back to the interpreter. 0 where there is no
    /// translator.</summary>
    [FieldOffset(24)]
    public nint Native;

    /// <summary>Byte offset in CpuState of the register operand (the reg field, or the only register).</summary>
    [FieldOffset(32)]
    public byte A;

    /// <summary>Segment of the memory operand.</summary>
    [FieldOffset(33)]
    public SegmentRegister Seg;

    /// <summary>Instructions of the block in front of this one: what has retired when this one faults.</summary>
    [FieldOffset(34)]
    public byte Index;

    /// <summary><see cref="Address16"/>, and <see cref="HostUnits"/> times two.</summary>
    [FieldOffset(35)]
    public byte Traits;

    /// <summary>For the handler's own use.</summary>
    [FieldOffset(36)]
    public byte Extra;

    /// <summary>Bytes of the instruction; 0 for anything else.</summary>
    [FieldOffset(37)]
    public byte Length;

    /// <summary>What it stands for.</summary>
    [FieldOffset(38)]
    public OpRole Role;

    /// <summary>In <see cref="Traits"/>: 16-bit addressing, the effective address wraps at 64 KiB. Only segmented addressing looks at
    /// it.</summary>
    public const byte Address16 = 1;

    /// <summary>Offset in CS of the instruction after this one.</summary>
    public readonly uint Next => Eip + Length;

    public readonly bool HasAddress16 => (Traits & Address16) != 0;

    /// <summary>The host's units that have to hold the Guest's registers where <see cref="Native"/> is entered.</summary>
    public HostUnits Needs
    {
        readonly get => (HostUnits)(Traits >> 1);
        set => Traits = (byte)((Traits & Address16) | ((int)value << 1));
    }
}
