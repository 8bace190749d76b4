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

    /// <summary>The access is allowed, and there is no RAM at that frame: <see cref="Translation.DevicePage"/>.</summary>
    Device,
}

/// <summary>A walk's result: a frame's page address in memory, or why not.</summary>
public readonly record struct Translation(WalkResult Result, uint PageAddress, uint ErrorCode, bool Writable)
{
    /// <summary>Whether the page outlives a load of CR3.</summary>
    public bool Global { get; init; }

    /// <summary>Whether it is part of a large page, all of which INVLPG forgets.</summary>
    public bool Large { get; init; }

    /// <summary>Physical address of the page where it is not in RAM. The upper half of 36 bits is in <see cref="ErrorCode"/>, which such a
    /// page does not have.</summary>
    public ulong DevicePage => ((ulong)ErrorCode << 32) | PageAddress;

    /// <summary>The result for a page without RAM.</summary>
    public static Translation Device(ulong page) => new(WalkResult.Device, (uint)page, (uint)(page >> 32), false);
}
