// Finds the lguest entry of a generation 1 kernel, which no header gives: it follows a marker of thirteen letters in the code. The start of
// the kernel's addresses is not recorded either; it is derived from loads of absolute addresses in the code.

using Lguest.Devices;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>Finds the way into a kernel of generation 1 (ABI sheet 1.2, 1.3).</summary>
internal static class EntryMarker
{
    private const byte LoadAccumulator = 0xa1; // MOV EAX, moffs32: the address follows
    private const int TopByte = 4; // of that address, from the opcode on
    private const int Enough = 3;
    private const int TopShift = 24;

    private static ReadOnlySpan<byte> Marker => "GenuineLguest"u8;

    /// <summary>Whether a kernel of generation 1 has its entry in these bytes.</summary>
    public static bool IsIn(ReadOnlySpan<byte> bytes) => bytes.IndexOf(Marker) >= 0;

    /// <summary>The physical address after the marker.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public static GuestPhysical Find(IEnumerable<KernelSegment> segments, string name)
    {
        foreach (var segment in segments)
        {
            int at = segment.Content.Span.IndexOf(Marker);
            if (at >= 0)
                return segment.Address + (uint)(at + Marker.Length);
        }

        throw new RefusedException($"kernel {name} (Linux 2.6.23) has no entry for lguest; build it with CONFIG_LGUEST=m or y, which "
            + "brings CONFIG_LGUEST_GUEST");
    }

    /// <summary>Where the kernel's addresses begin: the first top byte of an absolute load that is seen often enough.</summary>
    /// <exception cref="RefusedException">No load tells.</exception>
    public static GuestVirtual GuessPageOffset(ReadOnlySpan<byte> image, string name)
    {
        Span<int> seen = stackalloc int[256];
        for (int at = 0; at + TopByte < image.Length; at++)
        {
            if (image[at] == LoadAccumulator && ++seen[image[at + TopByte]] > Enough)
                return new GuestVirtual((uint)image[at + TopByte] << TopShift);
        }

        throw new RefusedException($"kernel {name} does not show where its addresses begin; name its vmlinux instead");
    }
}
