// From a Guest of a topology to options of the Launcher. Its files are looked up here, on the node where it runs, and nowhere else.

using System.Collections.Immutable;
using Lguest.Devices;
using Lguest.Launcher;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Topology;

/// <summary>Says a topology's Guest in the Launcher's terms.</summary>
internal static class GuestBuilding
{
    private const int BitsPerByte = 8;

    /// <summary>The options of a Guest on a node.</summary>
    /// <exception cref="RefusedException">It cannot be had.</exception>
    public static LauncherOptions Options(TopologyDefinition topology, GuestDefinition guest, string node) => LinuxGuests.Is(guest.Kernel)
        ? LinuxGuests.Complete(topology, guest with { Script = guest.Script?.Replace("%node%", node, StringComparison.Ordinal) },
            Machine(topology, guest, node))
        : Machine(topology, guest, node);

    private static LauncherOptions Machine(TopologyDefinition topology, GuestDefinition guest, string node) => new(
        guest.MemoryMegabytes,
        guest.EmbeddedKernel ?? (File.Exists(guest.Kernel) ? Path.GetFullPath(guest.Kernel) : guest.Kernel),
        [.. guest.Arguments.Replace("%node%", node, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        Devices(topology, guest, node),
        guest.Initrd)
    {
        Name = guest.Name,
        Board = guest.Board,
        Boot = guest.Boot,
        IsKvm = guest.IsKvm,
        Number = Number(topology, guest),
        CpuPercent = guest.Limits.CpuPercent,
        Clock = guest.Clock,
        Seed = (ulong?)guest.Seed,
        DiskBytesPerSecond = guest.Limits.DiskBytesPerSecond,
    };

    /// <summary>What a lan is on a node.</summary>
    /// <param name="topology">Whose.</param>
    /// <param name="lan">Which.</param>
    /// <param name="node">The node's name, which goes into the name of its capture file when there are several.</param>
    public static LanSettings Lan(TopologyDefinition topology, LanDefinition lan, string node) => new(lan.Name)
    {
        Link = Link(lan.Link),
        Mtu = lan.Mtu,
        Pcap = Capture(topology, lan, node),
    };

    /// <summary>The number of which a Guest of the first generation makes its hardware address: the one that its file asks for, or else, in
    /// the file's order, the next that nobody
    /// has asked for.</summary>
    private static ushort Number(TopologyDefinition topology, GuestDefinition guest)
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

    private static IEnumerable<ushort?> Asked(GuestDefinition guest) => guest.Ports
        .Select(port => port.IsMacChosen && MacAddress.TryParse(port.Mac, out var mac) ? mac.GuestNumber : null)
        .Where(number => number is not null);

    private static string? Capture(TopologyDefinition topology, LanDefinition lan, string node) =>
        lan.Pcap is { } pcap && topology.Nodes.Length > 1 ? Path.ChangeExtension(pcap, $"{node}{Path.GetExtension(pcap)}") : lan.Pcap;

    private static ImmutableArray<DeviceOption> Devices(TopologyDefinition topology, GuestDefinition guest, string node)
    {
        var devices = ImmutableArray.CreateBuilder<DeviceOption>();
        foreach (var disk in guest.Disks)
            devices.Add(new DeviceOption.Block(disk.File) { Layer = disk.Layer, KeepLayer = disk.Keep });
        foreach (var port in guest.Ports)
        {
            var lan = topology.FindLan(port.Lan)!;
            devices.Add(Card(lan, port) switch
            {
                DeviceOption.SharedNet shared => shared with { Pcap = port.Pcap, PagePcap = Capture(topology, lan, node) },
                DeviceOption.Net card => card with { Port = Port(guest, port) },
                var other => other,
            });
        }

        foreach (var share in guest.Shares)
            devices.Add(new DeviceOption.Share(share.Folder, share.Tag) { IsReadOnly = share.IsReadOnly });
        if (guest.Rng is not false)
            devices.Add(new DeviceOption.Rng { IsOptional = guest.Rng is null });
        return devices.ToImmutable();
    }

    /// <summary>The card of a port, without what its lan or its file adds to it.</summary>
    public static DeviceOption Card(LanDefinition lan, PortDefinition port)
    {
        MacAddress? mac = MacAddress.TryParse(port.Mac, out var read) ? read : null;
        return lan.Kind == LanKind.Dma ? new DeviceOption.SharedNet(lan.Name, SlotOf(lan, port)) { Mac = port.IsMacChosen ? mac : null }
            : new DeviceOption.Net(lan.Name, mac) { Mtu = lan.Mtu, IsMacMade = !port.IsMacChosen };
    }

    /// <summary>The slot of a Guest in a shared page, which is as much its own as its address, and goes with it.</summary>
    public static int SlotOf(LanDefinition lan, PortDefinition port) => (int)(Subnet.Number(port.Address)!.Value - lan.Subnet.Base) - 1;

    private static PortSettings? Port(GuestDefinition guest, PortDefinition port)
    {
        var link = Link(port.Link with { BytesPerSecond = Least(port.Link.BytesPerSecond, guest.Limits.NetBytesPerSecond) });
        return link.IsPerfect && port.Pcap is null ? null : new PortSettings { Link = link, Pcap = port.Pcap };
    }

    private static long? Least(long? one, long? other) => one is { } first && other is { } second ? Math.Min(first, second) : one ?? other;

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
