// A Guest's error in a descriptor, found while bytes of another Guest are copied. The Switcher then kills the offender.

namespace Lguest.Net.Dma;

/// <summary>A rule of ABI sheet 9.2 to 9.4 that a Guest broke.</summary>
public enum DmaOffence
{
    /// <summary>A section outside of memory, above 4096 bytes, or across a page's end.</summary>
    BadEntry,

    /// <summary>A descriptor, sent or bound, outside of memory.</summary>
    BadAddress,
}
