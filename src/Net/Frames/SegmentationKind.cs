// The kinds of packets that a driver may hand over uncut, with the numbers of virtio net.

namespace Lguest.Net.Frames;

/// <summary>Field gso_type of struct virtio_net_hdr.</summary>
[Flags]
public enum SegmentationKind : byte
{
    /// <summary>VIRTIO_NET_HDR_GSO_NONE: an ordinary frame.</summary>
    None = 0,

    /// <summary>VIRTIO_NET_HDR_GSO_TCPV4.</summary>
    Tcp4 = 1,

    /// <summary>VIRTIO_NET_HDR_GSO_UDP: IP fragments.</summary>
    Udp = 3,

    /// <summary>VIRTIO_NET_HDR_GSO_TCPV6.</summary>
    Tcp6 = 4,

    /// <summary>VIRTIO_NET_HDR_GSO_ECN, beside a TCP kind.</summary>
    Ecn = 0x80,
}
