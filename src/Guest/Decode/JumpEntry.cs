// Returns and indirect calls know their destination only as a number. This small direct-mapped table turns it into a block without a walk.
using System.Runtime.InteropServices;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Decode;

/// <summary>A guess: at this EIP, under this mode and mapping epoch, the block starts here.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct JumpEntry
{
    public const int Count = 4096;

    public uint Eip;
    public uint Mode;

    /// <summary>The <see cref="Cpu.CpuState.Epoch"/> for which the entry is good; 0 for none.</summary>
    public uint Epoch;

    public uint Reserved;
    public Op* Head;
}
