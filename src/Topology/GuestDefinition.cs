// A Guest of a topology: its parts, where it may run, and what happens when it or its node ends.

using System.Collections.Immutable;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Switcher.Time;

namespace Lguest.Topology;

/// <summary>What becomes of a Guest whose node is lost.</summary>
internal enum LossPolicy
{
    /// <summary>It is started again elsewhere.</summary>
    Restart,

    /// <summary>It stays down.</summary>
    Down,
}

/// <summary>What becomes of a Guest that has ended.</summary>
internal enum EndPolicy
{
    /// <summary>Nothing more.</summary>
    StayDown,

    /// <summary>It is started again, where it may live.</summary>
    Restart,
}

/// <summary>Which of several nodes a Guest gets.</summary>
internal enum PlacementRule
{
    /// <summary>The one with the fewest Guests.</summary>
    Spread,

    /// <summary>The first that has room.</summary>
    Pack,
}

/// <summary>One Guest, as its file describes it.</summary>
/// <param name="Name">Unique in the topology.</param>
/// <param name="Kernel">A file, <see cref="Builtin"/> and the name of a kernel inside the program, or a word of <see cref="LinuxGuests"/>
/// .</param>
/// <param name="MemoryMegabytes">Its RAM.</param>
/// <param name="Arguments">Kernel command line, everything but %node% put in.</param>
/// <param name="Initrd">A file, or null.</param>
/// <param name="Disks">vda, vdb ...</param>
/// <param name="Ports">eth0, eth1 ...</param>
/// <param name="Rng">Whether it has an entropy device; null: if its kernel has a driver for one.</param>
/// <param name="Home">Where it may live.</param>
/// <param name="Limits">What it may use.</param>
/// <param name="Log">File for its console, or null.</param>
/// <param name="Fate">What becomes of it.</param>
internal sealed record GuestDefinition(
    string Name,
    string Kernel,
    int MemoryMegabytes,
    string Arguments,
    string? Initrd,
    ImmutableArray<DiskDefinition> Disks,
    ImmutableArray<PortDefinition> Ports,
    bool? Rng,
    GuestHome Home,
    GuestLimits Limits,
    string? Log,
    GuestFate Fate)
{
    /// <summary>Folders of its node.</summary>
    public ImmutableArray<ShareDefinition> Shares { get; init; } = [];

    /// <summary>Packages of its distribution, for a stock Linux.</summary>
    public ImmutableArray<string> Packages { get; init; } = [];

    /// <summary>Which time it lives in.</summary>
    public ClockKind Clock { get; init; }

    /// <summary>What its random bytes are made from; null for what its clock says.</summary>
    public int? Seed { get; init; }

    /// <summary>What a stock Linux runs when it has started, everything but %node% put in; null for nothing.</summary>
    public string? Script { get; init; }

    /// <summary>Ports of this machine that lead into it.</summary>
    public ImmutableArray<ForwardDefinition> Forwards { get; init; } = [];

    /// <summary>The kind of machine, a word of <see cref="BoardFamily.Words"/>; null for what its kernel wants.</summary>
    public string? Board { get; init; }

    /// <summary>The way into a PC's kernel.</summary>
    public PcEntry Boot { get; init; }

    /// <summary>Whether a PC tells its kernel that it is a virtual one.</summary>
    public bool IsKvm { get; init; } = true;

    /// <summary>What stands before the name of a kernel that is inside the program.</summary>
    public const string Builtin = "builtin:";

    /// <summary>What stands for a Guest's name in the names of files.</summary>
    public const string NameWord = "%name%";

    /// <summary>The name of the kernel inside the program that it boots; null if its kernel is a file.</summary>
    public string? EmbeddedKernel => Kernel.StartsWith(Builtin, StringComparison.Ordinal) ? Kernel[Builtin.Length..] : null;

    public long MemoryBytes => (long)MemoryMegabytes << 20;
}

/// <summary>Where a Guest may live.</summary>
/// <param name="Node">On this node only; null for any.</param>
/// <param name="Role">On nodes with this role; null for any.</param>
/// <param name="Rule">Which of these.</param>
internal sealed record GuestHome(string? Node, string? Role, PlacementRule Rule)
{
    public bool Allows(NodeDefinition node) => (Node is null || Node == node.Name) && (Role is null || node.Roles.Contains(Role));
}

/// <summary>What a Guest may use; null is no limit.</summary>
/// <param name="CpuPercent">Of one core.</param>
/// <param name="DiskBytesPerSecond">All its disks together.</param>
/// <param name="NetBytesPerSecond">Each of its ports, each way.</param>
internal sealed record GuestLimits(double? CpuPercent, long? DiskBytesPerSecond, long? NetBytesPerSecond);

/// <summary>What becomes of a Guest.</summary>
internal sealed record GuestFate(LossPolicy OnNodeLoss, EndPolicy OnDeath, EndPolicy OnPowerOff, int MostRestarts, TimeSpan RestartDelay)
{
    /// <summary>Whether it only serves others, and is stopped when they have come to their end.</summary>
    public bool IsService { get; init; }
}

/// <summary>A disk of a Guest.</summary>
/// <param name="File">Raw sectors.</param>
/// <param name="Overlay">Whether writes go beside it.</param>
/// <param name="Keep">Whether the layer outlives the Guest.</param>
/// <param name="Layer">The layer's file; null without one.</param>
internal sealed record DiskDefinition(string File, bool Overlay, bool Keep, string? Layer);

/// <summary>A folder of the node that a Guest has.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Tag">The name by which the Guest mounts it.</param>
/// <param name="IsReadOnly">Whether the Guest may only read it.</param>
internal sealed record ShareDefinition(string Folder, string Tag, bool IsReadOnly);

/// <summary>A port of a Guest on a lan.</summary>
/// <param name="Lan">Its name.</param>
/// <param name="Address">IPv4 address there.</param>
/// <param name="Mac">Hardware address, "52:...".</param>
/// <param name="Pcap">Capture file, or null.</param>
internal sealed record PortDefinition(string Lan, string Address, string Mac, string? Pcap)
{
    /// <summary>What its own cable does, in each direction, besides what the lan does.</summary>
    public LinkModel Link { get; init; } = LinkModel.Plain;

    /// <summary>Whether the file asks for that hardware address. If not, it is only what the Guest has unless it makes one
    /// itself.</summary>
    public bool IsMacChosen { get; init; }
}

/// <summary>How the nodes of a topology stay one cluster; see lguest.cluster in the reference.</summary>
internal sealed record ClusterRules(
    int NodesToStart, TimeSpan Lease, TimeSpan RenewEvery, TimeSpan StableAfter, TimeSpan StopTimeout, bool Rejoin)
{
    /// <summary>With which certificates the nodes know each other; null: with none.</summary>
    public TlsFiles? Tls { get; init; }
}
