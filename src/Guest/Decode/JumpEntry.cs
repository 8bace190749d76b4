// Returns and indirect calls know their destination only as a number. This small direct-mapped table turns it into a block without a walk.
using System.Numerics;
using System.Runtime.InteropServices;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Decode;

/// <summary>A guess: at this EIP, under this mode and mapping epoch, the block starts here. 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct JumpEntry
{
    public const int Count = 32768;

    public uint Eip;

    /// <summary>The <see cref="Cpu.EngineState.JumpKey"/> for which the entry is good; 0 for none.</summary>
    public uint Key;

    public Op* Head;

    /// <summary>How far an offset is turned before it is added to itself: what tells pages apart falls on the bits that functions, which
    /// begin at multiples of 16, have in common.</summary>
    public const int Turn = 9;

    /// <summary>The one place in the table where an offset in CS can be. Emitted code finds it without touching the flags.</summary>
    public static uint IndexOf(uint eip) => (eip + BitOperations.RotateRight(eip, Turn)) & (Count - 1);
}
