// The layout of a split virtqueue in Guest memory (virtio 1.0, section 2.4). On the lguest bus its three parts follow each other, with
// "legacy" alignment (ABI sheet 10.2), and the code that lays out rings before boot and the code that serves them use the same value. On
// PCI the driver puts each part where it likes.

using Lguest.Guest.Memory;

namespace Lguest.Devices.Virtio;

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

    /// <summary>Of a queue that its driver has yet to place.</summary>
    public static RingLayout Nowhere { get; } = new(new GuestPhysical(0), 0, 0);

    /// <summary>u16 flags, u16 index, u16 ring[Size].</summary>
    public GuestPhysical Available { get; private init; } = Base + ((uint)DescriptorBytes * Size);

    /// <summary>u16 flags, u16 index, { u32 id, u32 length } ring[Size].</summary>
    public GuestPhysical Used { get; private init; } =
        new((Base.Value + ((uint)DescriptorBytes * Size) + 6u + (2u * Size) + Alignment - 1) & ~(Alignment - 1));

    /// <summary>Whether the driver has placed it; a reset then forgets it, and leaves its memory alone.</summary>
    public bool IsModern { get; private init; }

    /// <summary>A ring whose parts the driver has placed.</summary>
    public static RingLayout Modern(GuestPhysical descriptors, GuestPhysical available, GuestPhysical used, ushort size, byte irq) =>
        new(descriptors, size, irq) { Available = available, Used = used, IsModern = true };

    /// <summary>Whether all of it lies in [0, limit).</summary>
    public bool LiesBelow(ulong limit) =>
        Base.Value + ((ulong)DescriptorBytes * Size) <= limit
        && Available.Value + 6UL + (2UL * Size) <= limit
        && Used.Value + 6UL + (8UL * Size) <= limit;

    /// <summary>Bytes from the base to the end of the used ring, of a ring in one piece.</summary>
    public uint Bytes => Used.Value - Base.Value + 6 + (8u * Size);

    /// <summary>Whole pages that the ring takes.</summary>
    public int Pages => (int)((Bytes + GuestMemory.PageSize - 1) / GuestMemory.PageSize);
}
