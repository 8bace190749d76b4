// The files that a topology names for the nodes of this process, and whether each is read or written.

using Lguest.Launcher.Paths;

namespace Lguest.Topology;

/// <summary>Lists the files of a topology.</summary>
internal static class TopologyFiles
{
    /// <param name="topology">The topology.</param>
    /// <param name="sources">Its file, and those that this includes.</param>
    /// <param name="nodes">The nodes that share this machine's files.</param>
    /// <param name="log">The log of each Guest that has none of its own; null for none.</param>
    public static IEnumerable<FileUse> Uses(
        TopologyDefinition topology, IEnumerable<string> sources, IReadOnlyList<NodeDefinition> nodes, string? log)
    {
        foreach (string source in sources)
            yield return FileUse.Read($"topology {source}", source);
        foreach (var node in nodes)
            foreach (var (setting, path) in topology.Cluster.Tls?.Of(node.Name) ?? [])
                yield return FileUse.Read($"{setting} {path} of node '{node.Name}'", path);
        foreach (var lan in topology.Lans)
            foreach (var node in nodes)
                if (GuestBuilding.Lan(topology, lan, node.Name).Pcap is { } pcap)
                    yield return FileUse.Written($"pcap {pcap} of lan '{lan.Name}'", pcap);
        foreach (var guest in topology.Guests.Where(guest => nodes.Any(guest.Home.Allows)))
            foreach (var use in Uses(guest, log))
                yield return use;
    }

    private static IEnumerable<FileUse> Uses(GuestDefinition guest, string? log)
    {
        if (guest.EmbeddedKernel is null && !LinuxGuests.Is(guest.Kernel))
            yield return FileUse.Loaded($"kernel {guest.Kernel} of guest '{guest.Name}'", guest.Kernel);
        if (guest.Initrd is { } initrd)
            yield return FileUse.Loaded($"initrd {initrd} of guest '{guest.Name}'", initrd);
        foreach (var disk in guest.Disks)
        {
            yield return FileUse.Read($"disk {disk.File} of guest '{guest.Name}'", disk.File);
            if (disk.Layer is { } layer)
                yield return FileUse.Written($"layer {layer} of guest '{guest.Name}'", layer);
        }

        foreach (var share in guest.Shares.Where(share => !share.IsReadOnly))
            yield return FileUse.Folder($"share {share.Folder} of guest '{guest.Name}'", share.Folder);
        foreach (var port in guest.Ports)
            if (port.Pcap is { } pcap)
                yield return FileUse.Written($"pcap {pcap} of guest '{guest.Name}' on lan '{port.Lan}'", pcap);
        if (guest.Log is { } own)
            yield return FileUse.Written($"log {own} of guest '{guest.Name}'", own);
        else if (log?.Replace(GuestDefinition.NameWord, guest.Name, StringComparison.Ordinal) is { } given)
            yield return FileUse.Written($"--log={given} of guest '{guest.Name}'", given);
    }
}
