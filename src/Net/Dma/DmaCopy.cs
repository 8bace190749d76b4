// Copies the sections of one descriptor to those of another, however the two are split. lguest's copy was wrong when a section of the
// sender spanned several of the receiver, which no driver used; this one handles it.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>Copies between sections (ABI sheet 9.4). All sections have been checked. Memory changes under a running Guest, as with any
/// DMA.</summary>
public static class DmaCopy
{
    /// <summary>From the memory of one Guest to that of another.</summary>
    /// <returns>Bytes copied: until either side is exhausted.</returns>
    public static int Between(GuestMemory from, in DmaDescriptor source, GuestMemory to, in DmaDescriptor target)
    {
        int total = 0, index = 0, offset = 0;
        for (int i = 0; i < source.Count; i++)
        {
            var section = source[i];
            total += Into(to, target, ref index, ref offset, from.Span(section.Address, (uint)section.Length));
        }

        return total;
    }

    /// <summary>From a block of bytes into a Guest's memory.</summary>
    /// <returns>Bytes copied: until the bytes or the sections are exhausted.</returns>
    public static int Scatter(ReadOnlySpan<byte> bytes, GuestMemory to, in DmaDescriptor target)
    {
        int index = 0, offset = 0;
        return Into(to, target, ref index, ref offset, bytes);
    }

    /// <summary>Everything that a descriptor names, as one block.</summary>
    public static byte[] Gather(GuestMemory from, in DmaDescriptor source)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(source.Length);
        Gather(from, source, bytes);
        return bytes;
    }

    /// <summary>The same into a block of the caller's, of at least the descriptor's length.</summary>
    /// <returns>Bytes copied.</returns>
    public static int Gather(GuestMemory from, in DmaDescriptor source, Span<byte> into)
    {
        int at = 0;
        for (int i = 0; i < source.Count; i++)
        {
            var section = source[i];
            from.Span(section.Address, (uint)section.Length).CopyTo(into[at..]);
            at += section.Length;
        }

        return at;
    }

    private static int Into(GuestMemory to, in DmaDescriptor target, ref int index, ref int offset, ReadOnlySpan<byte> bytes)
    {
        int total = 0;
        while (!bytes.IsEmpty && index < target.Count)
        {
            var section = target[index];
            int length = Math.Min(bytes.Length, section.Length - offset);
            to.TryWrite(section.Address + (uint)offset, bytes[..length]);
            bytes = bytes[length..];
            total += length;
            offset += length;
            if (offset == section.Length)
            {
                index++;
                offset = 0;
            }
        }

        return total;
    }
}
