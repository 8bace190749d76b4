// One entry of the soft TLB: from a linear page straight to host memory, so that a load is a compare, an add and a move.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Mmu;

/// <summary>16 bytes. A tag is the linear page address if the access is allowed, <see cref="Empty"/> if it must take the slow path.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TlbEntry
{
    /// <summary>No linear page has an odd address.</summary>
    public const uint Empty = 1;

    /// <summary>Entries in each of the two arrays (supervisor, user).</summary>
    public const int Count = 256;

    /// <summary>Linear page that may be read.</summary>
    public uint ReadTag;

    /// <summary>Linear page that may be written: writable, already dirty, and without decoded code.</summary>
    public uint WriteTag;

    /// <summary>Host address minus linear address.</summary>
    public nint Addend;
}
