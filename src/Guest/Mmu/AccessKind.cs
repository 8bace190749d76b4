// What an access wants of a page; the bits are those of the page-fault error code so that no table is needed.
namespace Lguest.Guest.Mmu;

/// <summary>Bits of a page-fault error code that describe the access (Intel SDM vol. 3, 4.7).</summary>
[Flags]
public enum AccessKind : uint
{
    Read = 0,

    /// <summary>The fault was a protection violation, not an absent page. Part of the error code only.</summary>
    Present = 1,

    Write = 2,

    /// <summary>CPL 3; rings 0-2 are supervisor.</summary>
    User = 4,

    /// <summary>Instruction fetch with NX in force.</summary>
    Fetch = 0x10,
}
