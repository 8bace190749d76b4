// What a load of a segment register came to the last time. A kernel loads the same few selectors at every system call, and each load reads
// a descriptor and checks it. As long as the table is as it was, a load of the same selector comes to the same.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lguest.Guest.Cpu;

/// <summary>One load. 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SegmentMemo
{
    /// <summary>No selector's negative.</summary>
    public const uint Empty = 1;

    /// <summary>Two for each segment register.</summary>
    public const int Count = 12;

    /// <summary>0 minus the selector: their sum is zero, which emitted code can ask for without flags.</summary>
    public uint Negative;

    /// <summary>What the register holds then.</summary>
    public SegmentCache Segment;

    /// <summary>For each segment register one for MOV, which brings a kernel's own, and one for POP, which brings back its
    /// caller's.</summary>
    [InlineArray(Count)]
    public struct Table
    {
        private SegmentMemo _memo;
    }

    /// <summary>Where a load is remembered.</summary>
    public static int IndexOf(SegmentRegister register, bool isPop) => ((int)register * 2) + (isPop ? 1 : 0);
}
