// The hidden part of a segment register: what the processor remembers of a descriptor after loading it (Intel SDM vol. 3, 3.4.3).
using System.Runtime.InteropServices;

namespace Lguest.Guest.Cpu;

/// <summary>One segment register with its descriptor cache. 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SegmentCache
{
    /// <summary>First linear address.</summary>
    public uint Base;

    /// <summary>Highest valid offset, in bytes whatever the granularity bit says (for expand-down: highest invalid one).</summary>
    public uint Limit;

    /// <summary>The visible selector.</summary>
    public ushort Selector;

    /// <summary>Descriptor bits 40-47 in bits 0-7 (type, S, DPL, P) and 52-55 in bits 12-15 (AVL, L, D/B, G). 0: unusable.</summary>
    public ushort Attributes;

    /// <summary>What an access with a plain upper limit may do: <see cref="MayRead"/>, <see cref="MayWrite"/>. 0 for unusable and for
    /// expand-down
    /// segments, which take the slow check; <see cref="Unlimited"/> on top. Derived from the rest by <see cref="UpdateRights"/>.</summary>
    public uint Rights;

    public const uint MayRead = 1;
    public const uint MayWrite = 2;

    /// <summary>All offsets are valid.</summary>
    public const uint Unlimited = 4;

    /// <summary><see cref="Rights"/> of a segment in which an access needs no check, only the base.</summary>
    public const uint Everything = MayRead | MayWrite | Unlimited;

    public const ushort Accessed = 1;
    public const ushort Writable = 2;
    public const ushort ReadableCode = 2;
    public const ushort ExpandDown = 4;
    public const ushort Conforming = 4;
    public const ushort Code = 8;
    public const ushort NotSystem = 0x10;
    public const ushort Present = 0x80;
    public const ushort Big = 0x4000;
    public const ushort Granular = 0x8000;

    /// <summary>Descriptor privilege level.</summary>
    public readonly int Dpl => (Attributes >> 5) & 3;

    /// <summary>D/B bit: 32-bit operands (code), 32-bit stack pointer (stack), 4 GiB upper bound (expand-down).</summary>
    public readonly bool IsBig => (Attributes & Big) != 0;

    /// <summary>Base 0, limit 4 GiB, present writable expand-up data: an access through it needs no segment check at all.</summary>
    public readonly bool IsFlatData =>
        Base == 0 && Limit == uint.MaxValue && (Attributes & (Present | NotSystem | Code | ExpandDown | Writable)) == (
            Present | NotSystem | Writable);

    /// <summary>Recomputes <see cref="Rights"/> after a change of the descriptor bits.</summary>
    public void UpdateRights()
    {
        Rights = 0;
        if ((Attributes & (Present | NotSystem)) != (Present | NotSystem))
            return;
        bool code = (Attributes & Code) != 0;
        if (code)
            Rights = (Attributes & ReadableCode) != 0 ? MayRead : 0;
        else if ((Attributes & ExpandDown) == 0)
            Rights = (Attributes & Writable) != 0 ? MayRead | MayWrite : MayRead;
        if (Rights != 0 && Limit == uint.MaxValue)
            Rights |= Unlimited;
    }

    /// <summary>Base 0, limit 4 GiB, present code.</summary>
    public readonly bool IsFlatCode => Base == 0 && Limit == uint.MaxValue
        && (Attributes & (Present | NotSystem | Code)) == (Present | NotSystem | Code);
}
