// One entry of the soft TLB: from a linear page straight to host memory, so that a load is a compare, an add and a move.
//
//J:Guest:140 The soft TLB
// Most instructions of a program touch memory, so the common case must cost next to nothing. An entry holds two tags, one for reads and one
// for writes, and the distance from linear to host addresses. A load masks the address to its page, compares it with the read tag of the
// one entry where the page can be, adds the distance, and moves. Everything that is not common fails the comparison and takes the slow
// path: a page that was never looked up, an access over the end of a page, a right that is missing, a page whose dirty bit is not set yet,
// a page with decoded code.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Mmu;

/// <summary>16 bytes. A tag is the linear page address if the access is allowed, <see cref="EmptyAt"/> if it must take the slow
/// path.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TlbEntry
{
    /// <summary>Entries in each of the two arrays (supervisor, user).</summary>
    public const int Count = 1024;

    /// <summary>The bit that tells an empty tag: no linear page has an odd address.</summary>
    public const uint EmptyBit = 1;

    /// <summary>An empty tag for the entry of some index. It is odd, and far from every page that can be looked up there: emitted code
    /// subtracts a tag from an address and looks only whether the distance is less than a page.</summary>
    public static uint EmptyAt(int index) => ((uint)(index ^ (Count / 2)) << 12) | EmptyBit;

    /// <summary>Linear page that may be read.</summary>
    public uint ReadTag;

    /// <summary>Linear page that may be written: writable, already dirty, and without decoded code.</summary>
    public uint WriteTag;

    /// <summary>Host address minus linear address.</summary>
    public nint Addend;

    /// <summary>Whether no access finds its page here. An entry that may be written may be read.</summary>
    public readonly bool IsEmpty => (ReadTag & EmptyBit) != 0;

    /// <summary>Forgets the page.</summary>
    public void Clear()
    {
        if (!IsEmpty)
            ReadTag = WriteTag = EmptyAt((int)(ReadTag >> 12) & (Count - 1));
    }
}
