// From a Guest of a topology to what the Launcher can build. The files it names are looked for here, on the node where it is to run, and nowhere else.

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
    public static LauncherOptions Options(Topology topology, GuestDefinition guest, string node) => new(
        guest.MemoryMegabytes,
        guest.EmbeddedKernel ?? (File.Exists(guest.Kernel) ? Path.GetFullPath(guest.Kernel) : guest.Kernel),
        [.. guest.Arguments.Replace("%node%", node, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        Devices(topology, guest),
        guest.Initrd)
    {
        Name = guest.Name,

        // A Guest of the first generation makes its hardware address of it.
        Number = (ushort)(topology.Guests.IndexOf(guest) + 1),
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
        Pcap = lan.Pcap is { } pcap && topology.Nodes.Length > 1 ? Path.ChangeExtension(pcap, $"{node}{Path.GetExtension(pcap)}") : lan.Pcap,
    };

    private static ImmutableArray<DeviceOption> Devices(Topology topology, GuestDefinition guest)
    {
        var devices = ImmutableArray.CreateBuilder<DeviceOption>();
        foreach (var disk in guest.Disks)
            devices.Add(new DeviceOption.Block(disk.File) { Layer = disk.Layer, KeepLayer = disk.Keep });
        foreach (var port in guest.Ports)
        {
            // A Guest's slot in a shared page is as much its own as its address, and can be had from it.
            var lan = topology.FindLan(port.Lan)!;
            devices.Add(lan.Kind == LanKind.Dma
                ? new DeviceOption.SharedNet(lan.Name, (int)(Subnet.Number(port.Address)!.Value - lan.Subnet.Base) - 1)
                : new DeviceOption.Net(lan.Name, MacAddress.TryParse(port.Mac, out var mac) ? mac : null) { Port = Port(guest, port) });
        }

        if (guest.Rng)
            devices.Add(new DeviceOption.Rng());
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
