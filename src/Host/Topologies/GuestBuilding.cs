// From a Guest of a topology to options of the Launcher. Its files are looked up here, on the node where it runs, and nowhere else.

using System.Collections.Immutable;
using Lguest.Host.Images;
using Lguest.Host.Launcher;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Host.Topologies;

/// <summary>Says a topology's Guest in the Launcher's terms.</summary>
internal static class GuestBuilding
{
    private const int BitsPerByte = 8;

    /// <summary>The options of a Guest on a node.</summary>
    /// <exception cref="RefusedException">It cannot be had.</exception>
    public static LauncherOptions Options(Topology topology, GuestDefinition guest, string node) => LinuxGuests.Is(guest.Kernel)
        ? LinuxGuests.Complete(topology, guest with { Script = guest.Script?.Replace("%node%", node, StringComparison.Ordinal) },
            Machine(topology, guest, node))
        : Machine(topology, guest, node);

    private static LauncherOptions Machine(Topology topology, GuestDefinition guest, string node) => new(
        guest.MemoryMegabytes,
        guest.EmbeddedKernel ?? (File.Exists(guest.Kernel) ? Path.GetFullPath(guest.Kernel) : guest.Kernel),
        [.. guest.Arguments.Replace("%node%", node, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        Devices(topology, guest, node),
        guest.Initrd)
    {
        Name = guest.Name,

        Number = Number(topology, guest),
        CpuPercent = guest.Limits.CpuPercent,
        DiskBytesPerSecond = guest.Limits.DiskBytesPerSecond,
    };

    /// <summary>What a lan is on a node.</summary>
    /// <param name="topology">Whose.</param>
    /// <param name="lan">Which.</param>
    /// <param name="node">The node's name, which goes into the name of its capture file when there are several.</param>
    public static LanSettings Lan(Topology topology, LanDefinition lan, string node) => new(lan.Name)
    {
        Link = Link(lan.Link),
        Pcap = Capture(topology, lan, node),
    };

    /// <summary>The number of which a Guest of the first generation makes its hardware address: the one that its file asks for, or else, in
    /// the file's order, the next that nobody
    /// has asked for.</summary>
    private static ushort Number(Topology topology, GuestDefinition guest)
    {
        if (Asked(guest).FirstOrDefault() is { } own)
            return own;
        var taken = topology.Guests.SelectMany(Asked).ToHashSet();
        ushort number = 0;
        foreach (var other in topology.Guests.Where(other => !Asked(other).Any()))
        {
            do
                number++;
            while (taken.Contains(number));
            if (other.Name == guest.Name)
                break;
        }

        return number;
    }

    private static IEnumerable<ushort?> Asked(GuestDefinition guest) => guest.Ports.Select(FirstGeneration.NumberIn)
        .Where(number => number is not null);

    private static string? Capture(Topology topology, LanDefinition lan, string node) =>
        lan.Pcap is { } pcap && topology.Nodes.Length > 1 ? Path.ChangeExtension(pcap, $"{node}{Path.GetExtension(pcap)}") : lan.Pcap;

    private static ImmutableArray<DeviceOption> Devices(Topology topology, GuestDefinition guest, string node)
    {
        var devices = ImmutableArray.CreateBuilder<DeviceOption>();
        foreach (var disk in guest.Disks)
            devices.Add(new DeviceOption.Block(disk.File) { Layer = disk.Layer, KeepLayer = disk.Keep });
        foreach (var port in guest.Ports)
        {
            // A Guest's slot in a shared page is as much its own as its address, and can be had from it.
            var lan = topology.FindLan(port.Lan)!;
            devices.Add(lan.Kind == LanKind.Dma
                ? new DeviceOption.SharedNet(lan.Name, FirstGeneration.SlotOf(lan, port))
                {
                    Pcap = port.Pcap,
                    PagePcap = Capture(topology, lan, node)
                }
                : new DeviceOption.Net(lan.Name, MacAddress.TryParse(port.Mac, out var mac) ? mac : null)
                {
                    Port = Port(guest, port),
                    IsMacMade = !port.IsMacChosen
                });
        }

        if (guest.Rng is not false)
            devices.Add(new DeviceOption.Rng { IsOptional = guest.Rng is null });
        return devices.ToImmutable();
    }

    private static PortSettings? Port(GuestDefinition guest, PortDefinition port) =>
        guest.Limits.NetBytesPerSecond is null && port.Pcap is null ? null : new PortSettings
        {
            Link = new LinkSettings { Rate = (guest.Limits.NetBytesPerSecond ?? 0) * BitsPerByte },
            Pcap = port.Pcap,
        };

    private static LinkSettings Link(LinkModel link) => new()
    {
        Delay = link.Delay,
        Jitter = link.Jitter,
        Loss = link.Loss,
        Duplicate = link.Duplicate,
        Reorder = link.Reorder,
        Corrupt = link.Corrupt,
        Rate = (link.BytesPerSecond ?? 0) * BitsPerByte,
        Seed = link.Seed,
    };
}
