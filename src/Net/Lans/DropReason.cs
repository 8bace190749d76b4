// A frame that does not arrive has a reason, and each is counted: a network whose losses nobody can explain is worth nothing.

namespace Lguest.Net.Lans;

/// <summary>Why a frame went no further.</summary>
public enum DropReason
{
    /// <summary>Shorter than an Ethernet header.</summary>
    TooShort,

    /// <summary>Longer than an Ethernet frame of its kind may be.</summary>
    TooLong,

    /// <summary>Its source is a group address or zero.</summary>
    BadSource,

    /// <summary>What it says about checksum and segmentation cannot be.</summary>
    BadOffload,

    /// <summary><see cref="LinkSettings.Loss"/>.</summary>
    Loss,

    /// <summary>The queue of a link with a <see cref="LinkSettings.Rate"/> was full.</summary>
    QueueFull,

    /// <summary>More frames are under way in a delayed link than it may hold.</summary>
    TooManyHeld,

    /// <summary>The Nic of the receiving port does not keep up.</summary>
    PortOverload,

    /// <summary>The other node does not keep up.</summary>
    PeerOverload,

    /// <summary>It was sent by the other node and did not arrive, or too late: a connection between the nodes has broken.</summary>
    PeerLoss,
}
