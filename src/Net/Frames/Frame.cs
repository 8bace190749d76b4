// An Ethernet frame inside a batch: a view that is valid only while the batch is held.

namespace Lguest.Net.Frames;

/// <summary>An Ethernet frame from its destination address to the end of its payload; no preamble, no frame check sequence.</summary>
public readonly ref struct Frame
{
    /// <summary>Two addresses and the type: the shortest frame there is. (The 60 bytes of the cable are padding, which nobody needs
    /// here.)</summary>
    public const int HeaderLength = 14;

    /// <summary>The usual MTU: the most that a frame carries behind its header.</summary>
    public const int OrdinaryMtu = 1500;

    /// <summary>A frame of the usual MTU.</summary>
    public const int OrdinaryLength = HeaderLength + OrdinaryMtu;

    /// <summary>The same with a VLAN tag.</summary>
    public const int LongestOrdinary = OrdinaryLength + VlanTag;

    /// <summary>Bytes of a VLAN tag, which the MTU does not count.</summary>
    public const int VlanTag = 4;

    /// <summary>The longest frame: an IP packet of 65,535 bytes, its Ethernet header, and a VLAN tag.</summary>
    public const int LongestLength = HeaderLength + 65_535 + VlanTag;

    /// <summary>The longest frame of a network, with a VLAN tag.</summary>
    public static int Longest(int mtu) => HeaderLength + mtu + VlanTag;

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
