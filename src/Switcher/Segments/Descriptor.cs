// Segment descriptors: eight bytes in a table, taken apart as the processor does when it loads a segment register.
using Lguest.Guest.Cpu;

namespace Lguest.Switcher.Segments;

/// <summary>Descriptor bits (Intel SDM vol. 3, 3.4.5).</summary>
internal static class Descriptor
{
    public const ulong Accessed = 1UL << 40;
    public const ulong NotSystem = 1UL << 44;
    public const ulong Present = 1UL << 47;
    public const int DplShift = 45;

    public static int Dpl(ulong raw) => (int)(raw >> DplShift) & 3;

    /// <summary>The hidden part of a segment register loaded with this descriptor.</summary>
    public static SegmentCache Unpack(ulong raw, ushort selector)
    {
        uint limit = (uint)(raw & 0xffff) | (uint)((raw >> 32) & 0xf0000);
        ushort attributes = (ushort)((raw >> 40) & 0xf0ff);
        if ((attributes & SegmentCache.Granular) != 0)
            limit = (limit << 12) | 0xfff;
        SegmentCache cache = new()
        {
            Base = (uint)((raw >> 16) & 0xffffff) | (uint)((raw >> 32) & 0xff000000),
            Limit = limit,
            Selector = selector,
            Attributes = attributes,
        };
        cache.UpdateRights();
        return cache;
    }
}
