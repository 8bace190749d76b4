// The settings of a lan: its name, and the link that all frames pass. Its limits are the same for all lans; the defaults are in net.conf.

using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>One virtual network on one node.</summary>
/// <param name="Name">The lan's name, the same on all nodes.</param>
public sealed record LanSettings(string Name)
{
    /// <summary>What each frame passes once, on its way from the port where it enters; every port has its own such cable.</summary>
    public LinkSettings Link { get; init; } = LinkSettings.Perfect;

    /// <summary>The most bytes that a frame carries behind its header; longer frames are dropped. The same on all nodes.</summary>
    public int Mtu { get; init; } = Frame.OrdinaryMtu;

    /// <summary>File that gets every frame that enters the lan on this node, from a port or from another node; null for none. An existing
    /// file is
    /// overwritten. Nodes on one machine need different files.</summary>
    public string? Pcap { get; init; }
}
