// How a network card describes itself on the bus: its address, and the work that each generation of drivers may leave to it (ABI sheet
// 10.9).

using System.Buffers.Binary;
using System.Collections.Immutable;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Net.Frames;

namespace Lguest.Devices.Net;

/// <summary>The descriptor of a virtio network card.</summary>
internal static class NetDescription
{
    /// <summary>Index of the queue in which the Guest lends buffers for what arrives.</summary>
    public const int ReceiveQueue = 0;

    /// <summary>Index of the queue in which the Guest hands over what it sends.</summary>
    public const int TransmitQueue = 1;

    public const uint Checksum = 1 << 0; // VIRTIO_NET_F_CSUM: frames may be sent with their checksum not made
    public const uint GuestChecksum = 1 << 1; // VIRTIO_NET_F_GUEST_CSUM: and received so
    public const uint Mtu = 1 << 3; // VIRTIO_NET_F_MTU: the configuration says how large a packet may be
    public const uint Mac = 1 << 5; // VIRTIO_NET_F_MAC
    public const uint GuestTcp4 = 1 << 7; // VIRTIO_NET_F_GUEST_TSO4: TCP segments may be received uncut
    public const uint GuestTcp6 = 1 << 8; // VIRTIO_NET_F_GUEST_TSO6
    public const uint GuestEcn = 1 << 9; // VIRTIO_NET_F_GUEST_ECN
    public const uint HostTcp4 = 1 << 11; // VIRTIO_NET_F_HOST_TSO4: and sent so
    public const uint HostTcp6 = 1 << 12; // VIRTIO_NET_F_HOST_TSO6
    public const uint HostEcn = 1 << 13; // VIRTIO_NET_F_HOST_ECN
    public const uint MergedBuffers = 1 << 15; // VIRTIO_NET_F_MRG_RXBUF
    public const uint Status = 1 << 16; // VIRTIO_NET_F_STATUS
    public const uint NotifyOnEmpty = 1 << 24; // VIRTIO_F_NOTIFY_ON_EMPTY
    public const uint Indirect = 1 << 28; // VIRTIO_RING_F_INDIRECT_DESC

    private const byte MacTag = 0x41; // VIRTIO_CONFIG_NET_MAC_F
    private const int StatusAt = 6;
    private const byte LinkUp = 1; // VIRTIO_NET_S_LINK_UP
    private const int ConfigBytes = 8;
    private const int MtuAt = 10;

    /// <summary>Two queues, receive first; config space mac[6], u16 status with the link up, and, where the MTU is not the usual one and
    /// drivers can be told (Linux from 4.8 on), u16 max_virtqueue_pairs, u16 mtu.</summary>
    public static DeviceDescription Of(MacAddress mac, GuestGeneration generation, int mtu = Frame.OrdinaryMtu)
    {
        bool tellsMtu = generation.IsVirtio1 && mtu != Frame.OrdinaryMtu;
        byte[] config = new byte[tellsMtu ? MtuAt + sizeof(ushort) : ConfigBytes];
        if (tellsMtu)
            BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(MtuAt), (ushort)mtu);
        mac.Write(config);
        config[StatusAt] = LinkUp;
        return new DeviceDescription(
            DeviceType.Net,
            Queues: 2,
            Features(generation) | (tellsMtu ? Mtu : 0),
            ImmutableArray.Create(config),
            [(MacTag, [.. config[..MacAddress.Length]])]);
    }

    /// <summary>Bytes of the header in front of each frame, of a driver that accepted these features.</summary>
    public static int HeaderBytes(GuestGeneration generation, uint accepted) => generation switch
    {
        { Descriptors: DescriptorFormat.Tagged } => 8,
        { IsVirtio1: true } => 12,
        _ => (accepted & MergedBuffers) != 0 ? 12 : 10,
    };

    /// <summary>Whether a driver that accepted these features takes a frame with this work left to do.</summary>
    public static bool Takes(FrameOffload offload, uint accepted) =>
        offload.IsNothing || Allows(offload, accepted, GuestChecksum, GuestTcp4, GuestTcp6, GuestEcn);

    /// <summary>Whether a driver that accepted these features may leave this work to us.</summary>
    public static bool MayLeave(FrameOffload offload, uint accepted) =>
        offload.IsNothing || Allows(offload, accepted, Checksum, HostTcp4, HostTcp6, HostEcn);

    private static bool Allows(FrameOffload offload, uint accepted, uint checksum, uint tcp4, uint tcp6, uint ecn)
    {
        uint needed = (offload.Segmentation & ~SegmentationKind.Ecn) switch
        {
            SegmentationKind.None => 0u,
            SegmentationKind.Tcp4 => tcp4,
            SegmentationKind.Tcp6 => tcp6,
            _ => uint.MaxValue,
        };
        needed |= (offload.Segmentation & SegmentationKind.Ecn) != 0 ? ecn : 0;
        needed |= (offload.Flags & FrameOffload.NeedsChecksum) != 0 ? checksum : 0;
        return (accepted & needed) == needed;
    }

    private static uint Features(GuestGeneration generation)
    {
        uint features = Mac | Status;
        if (generation.Suppression == SuppressionRule.FlagUnlessEmpty)
            features |= NotifyOnEmpty;

        // As the launchers of the time had it: drivers before 2.6.27 do not get right what they say of these.
        if (generation.RingSize >= GuestGeneration.Linux2627.RingSize)
            features |= MergedBuffers | Checksum | GuestChecksum | GuestTcp4 | GuestTcp6 | GuestEcn | HostTcp4 | HostTcp6 | HostEcn;
        return features;
    }
}
