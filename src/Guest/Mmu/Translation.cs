// The outcome of a page walk, small enough to be returned by value on every TLB miss.
namespace Lguest.Guest.Mmu;

/// <summary>What a walk came to.</summary>
public enum WalkResult : byte
{
    /// <summary>The page is there and the access allowed.</summary>
    Ok,

    /// <summary>#PF, with the error code in <see cref="Translation.ErrorCode"/>.</summary>
    PageFault,

    /// <summary>The segment wall: a linear address that no segment of the Guest reaches (#GP or #SS).</summary>
    BeyondSegments,

    /// <summary>The machine refused a paging entry and stopped the processor.</summary>
    Refused,
}

/// <summary>A walk's result: a frame's physical page address, or why not.</summary>
public readonly record struct Translation(WalkResult Result, uint PageAddress, uint ErrorCode, bool Writable);
