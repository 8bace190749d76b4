// The settings of a port: a link of its own, in addition to that of the lan.

namespace Lguest.Net.Lans;

/// <summary>One port of a lan.</summary>
public sealed record PortSettings
{
    /// <summary>A perfect cable, not recorded.</summary>
    public static PortSettings Default { get; } = new();

    /// <summary>What frames pass between Guest and lan, in each direction, each on its own.</summary>
    public LinkSettings Link { get; init; } = LinkSettings.Perfect;

    /// <summary>File that gets every frame of this port, both directions, as the Guest sends and receives them; null for none.</summary>
    public string? Pcap { get; init; }
}
