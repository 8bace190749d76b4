// How a disk describes itself on the bus: its capacity and limits, and the features that each kernel generation is offered (ABI sheet
// 10.8).

using System.Buffers.Binary;
using System.Collections.Immutable;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;

namespace Lguest.Devices.Block;

/// <summary>The descriptor of a virtio disk.</summary>
internal static class BlockDescription
{
    public const uint Barrier = 1 << 0; // VIRTIO_BLK_F_BARRIER
    public const uint SegmentLimit = 1 << 2; // VIRTIO_BLK_F_SEG_MAX
    public const uint ReadOnly = 1 << 5; // VIRTIO_BLK_F_RO
    public const uint Flush = 1 << 9; // VIRTIO_BLK_F_FLUSH

    private const byte CapacityTag = 0x41; // VIRTIO_CONFIG_BLK_F_CAPACITY
    private const byte SegmentLimitTag = 0x43; // VIRTIO_CONFIG_BLK_F_SEG_MAX
    private const int SegmentLimitAt = 12;

    /// <summary>One queue; capacity in sectors; a request has at most the ring's descriptors less header and status as segments.</summary>
    public static DeviceDescription Of(IDisk disk, GuestGeneration generation)
    {
        byte[] config = new byte[generation.BlockConfigBytes];
        BinaryPrimitives.WriteInt64LittleEndian(config, disk.Sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(SegmentLimitAt), generation.RingSize - 2u);
        return new DeviceDescription(
            DeviceType.Block,
            Queues: 1,
            SegmentLimit | (generation.FlushesDisks ? Flush : Barrier) | (disk.ReadOnly ? ReadOnly : 0),
            ImmutableArray.Create(config),
            [(CapacityTag, [.. config[..8]]), (SegmentLimitTag, [.. config[SegmentLimitAt..(SegmentLimitAt + 4)]])]);
    }
}
