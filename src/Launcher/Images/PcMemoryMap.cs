// What a BIOS would answer to the question where there is RAM (e820). Both ways of starting a PC kernel tell it, each in its own form.

using System.Collections.Immutable;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>A range of the memory map.</summary>
/// <param name="Type">1 for RAM, 2 for what is reserved.</param>
internal readonly record struct PcMemoryRange(ulong Start, ulong Length, uint Type);

/// <summary>The memory map of a PC.</summary>
internal static class PcMemoryMap
{
    /// <summary>Where a BIOS would keep its own data, below 640 KB; up to there RAM is free.</summary>
    public const uint BiosData = 0x9fc00;

    /// <summary>Where devices begin, if RAM does not end before; what RAM is left goes on at 4 GiB.</summary>
    public const uint Hole = 0xe0000000;

    private const uint VideoStart = 0xa0000;
    private const uint BiosStart = 0xf0000;
    private const uint HighStart = 0x100000;
    private const uint Ram = 1;
    private const uint Reserved = 2;

    /// <summary>The map of a PC.</summary>
    /// <param name="ramBytes">All of its RAM, more than 1 MB.</param>
    /// <param name="lowBytes">Most of it that is below the hole.</param>
    public static ImmutableArray<PcMemoryRange> Of(uint ramBytes, uint lowBytes = Hole)
    {
        uint low = Math.Min(ramBytes, lowBytes);
        ImmutableArray<PcMemoryRange> map =
        [
            new(0, BiosData, Ram),
            new(BiosData, VideoStart - BiosData, Reserved),
            new(BiosStart, HighStart - BiosStart, Reserved),
            new(HighStart, low - HighStart, Ram),
        ];
        return low == ramBytes ? map : map.Add(new(GuestMemory.AboveHole, ramBytes - low, Ram));
    }
}
