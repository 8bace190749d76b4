// An Ethernet frame inside a batch: a view that is valid only while the batch is held.

namespace Lguest.Net.Frames;

/// <summary>An Ethernet frame from its destination address to the end of its payload; no preamble, no frame check sequence.</summary>
public readonly ref struct Frame
{
    /// <summary>Two addresses and the type: the shortest frame there is. (The 60 bytes of the cable are padding, which nobody needs
    /// here.)</summary>
    public const int HeaderLength = 14;

    /// <summary>A frame of the usual MTU, 1500 bytes.</summary>
    public const int OrdinaryLength = 1514;

    /// <summary>The longest frame: an IP packet of 65,535 bytes, its Ethernet header, and a VLAN tag.</summary>
    public const int LongestLength = HeaderLength + 65_535 + 4;

    public Frame(ReadOnlySpan<byte> bytes, FrameOffload offload = default)
    {
        Bytes = bytes;
        Offload = offload;
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public FrameOffload Offload { get; }

    public int Length => Bytes.Length;

    /// <summary>Only of frames with a header.</summary>
    public MacAddress Destination => MacAddress.Read(Bytes);

    /// <summary>Only of frames with a header.</summary>
    public MacAddress Source => MacAddress.Read(Bytes[MacAddress.Length..]);
}
