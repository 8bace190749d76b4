// The header in front of a block's operations: what the block was decoded from, and its places in the lists by which it is found again and
// forgotten.
using System.Runtime.InteropServices;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Decode;

/// <summary>Header of a decoded block, in native memory, directly followed by its operations.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Block
{
    /// <summary>Physical address of the first byte.</summary>
    public uint Physical;

    /// <summary>Offset in CS of the first instruction.</summary>
    public uint Eip;

    /// <summary><see cref="Cpu.ModeBits"/> it was decoded under.</summary>
    public uint Mode;

    /// <summary>Frame of the second page if the last instruction crosses into one, otherwise <see cref="NoFrame"/>.</summary>
    public uint SecondFrame;

    /// <summary>How often the interpreter has entered the block.</summary>
    public uint Heat;

    /// <summary>Bytes decoded, on both pages.</summary>
    public ushort Length;

    /// <summary>Operations, links included.</summary>
    public byte Ops;

    /// <summary>Whether the block has reached what the window of rings 0-2 does not have: its code asks the soft TLB.</summary>
    public bool AsksTlb;

    /// <summary>Next block in the same hash bucket.</summary>
    public Block* NextInBucket;

    /// <summary>Next block that begins in the same frame.</summary>
    public Block* NextInFrame;

    public const uint NoFrame = uint.MaxValue;

    /// <summary>The first operation.</summary>
    public static Op* Head(Block* block) => (Op*)(block + 1);
}
