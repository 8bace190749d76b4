// The layout of a split virtqueue in Guest memory (virtio 1.0, section 2.4, "legacy" alignment; ABI sheet 10.2). The code that lays out
// rings before boot and the code that serves them use the same value.

using Lguest.Guest.Memory;

namespace Lguest.Host.Virtio;

/// <summary>One virtqueue's place and size.</summary>
/// <param name="Base">First byte of the descriptor table, page aligned; also the address that a Guest notifies (ABI sheet 10.5).</param>
/// <param name="Size">Number of descriptors, a power of two.</param>
/// <param name="Irq">Interrupt that says "used buffers", 1 to 31.</param>
internal sealed record RingLayout(GuestPhysical Base, ushort Size, byte Irq)
{
    /// <summary>Bytes of one descriptor: u64 address, u32 length, u16 flags, u16 next.</summary>
    public const int DescriptorBytes = 16;

    /// <summary>Alignment of the used ring under lguest.</summary>
    public const uint Alignment = GuestMemory.PageSize;

    /// <summary>u16 flags, u16 index, u16 ring[Size].</summary>
    public GuestPhysical Available => Base + ((uint)DescriptorBytes * Size);

    /// <summary>u16 flags, u16 index, { u32 id, u32 length } ring[Size].</summary>
    public GuestPhysical Used => new((Available.Value + 6u + (2u * Size) + Alignment - 1) & ~(Alignment - 1));

    /// <summary>Bytes from the base to the end of the used ring.</summary>
    public uint Bytes => Used.Value - Base.Value + 6 + (8u * Size);

    /// <summary>Whole pages that the ring takes.</summary>
    public int Pages => (int)((Bytes + GuestMemory.PageSize - 1) / GuestMemory.PageSize);
}
