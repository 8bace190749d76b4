// The work on a packet that a driver leaves to its network device: its checksum, or cutting a large packet into frames. Between two Guests
// of one Host it is never needed, so the request travels with the frame. The format is the first ten bytes of virtio net's header.

using System.Buffers.Binary;

namespace Lguest.Net.Frames;

/// <summary>What remains to be done to a frame (struct virtio_net_hdr; virtio 0.9.5, appendix C). The default value: nothing.</summary>
/// <param name="Flags">Bit 0: the checksum from <paramref name="ChecksumStart"/> to the end is to be made and put at
/// <paramref name="ChecksumOffset"/> after that; the place holds the sum of the pseudo header. Bit 1: checksums are known to be
/// right.</param>
/// <param name="Segmentation">How the packet is to be cut.</param>
/// <param name="HeaderLength">Bytes of Ethernet, IP and transport header: a hint, never trusted.</param>
/// <param name="SegmentSize">Bytes of payload per frame after cutting.</param>
/// <param name="ChecksumStart">Bytes from the start of the frame.</param>
/// <param name="ChecksumOffset">Bytes from <paramref name="ChecksumStart"/>.</param>
public readonly record struct FrameOffload(
    byte Flags, SegmentationKind Segmentation, ushort HeaderLength, ushort SegmentSize, ushort ChecksumStart, ushort ChecksumOffset)
{
    /// <summary>Bytes in the wire layout.</summary>
    public const int Length = 10;

    /// <summary>VIRTIO_NET_HDR_F_NEEDS_CSUM.</summary>
    public const byte NeedsChecksum = 1;

    /// <summary>VIRTIO_NET_HDR_F_DATA_VALID.</summary>
    public const byte DataValid = 2;

    /// <summary>True if a receiver that knows no offloads can take the frame as it is.</summary>
    public bool IsNothing => (Flags & NeedsChecksum) == 0 && Segmentation == SegmentationKind.None;

    /// <summary>Reads the ten bytes of a virtio net header, little-endian.</summary>
    public static FrameOffload Read(ReadOnlySpan<byte> header) => new(
        header[0],
        (SegmentationKind)header[1],
        BinaryPrimitives.ReadUInt16LittleEndian(header[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(header[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
        BinaryPrimitives.ReadUInt16LittleEndian(header[8..]));

    /// <summary>Writes the ten bytes of a virtio net header, little-endian.</summary>
    public void Write(Span<byte> header)
    {
        header[0] = Flags;
        header[1] = (byte)Segmentation;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], ChecksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], ChecksumOffset);
    }
}
