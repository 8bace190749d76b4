// A decoded block is right only for the segment sizes and privilege that it was decoded under. These bits say which, and are part of its
// key.
namespace Lguest.Guest.Cpu;

/// <summary>Bits of <see cref="EngineState.Mode"/>.</summary>
public static class ModeBits
{
    /// <summary>CS.D: 32-bit operands and addresses.</summary>
    public const uint Code32 = 1;

    /// <summary>SS.B: ESP, not SP.</summary>
    public const uint Stack32 = 2;

    /// <summary>CS is flat: linear address = EIP, no limit check.</summary>
    public const uint FlatCs = 4;

    public const uint FlatSs = 8;
    public const uint FlatDs = 0x10;
    public const uint FlatEs = 0x20;

    /// <summary>CPL 3.</summary>
    public const uint User = 0x40;

    /// <summary>EFLAGS.TF: blocks of one instruction, then #DB.</summary>
    public const uint SingleStep = 0x80;

    /// <summary>The address space has a window (<see cref="Windows.Window"/>). Nothing of the Guest; only ring 3 has it.</summary>
    public const uint Window = 0x100;

    /// <summary>Bits that all of these take.</summary>
    public const int Width = 9;
}
