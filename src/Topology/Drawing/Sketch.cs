// The content of both drawings of a topology, as text: boxes, lines in them, and rails next to them. The drawings differ only in how they
// show it.

using System.Globalization;
using Lguest.Net.Frames;

namespace Lguest.Topology.Drawing;

/// <summary>A topology arranged for drawing.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Lans">One rail for each, with its label.</param>
/// <param name="Boxes">One for each node, and one for Guests without a place.</param>
internal sealed record Sketch(string Title, IReadOnlyList<(string Name, string Label)> Lans, IReadOnlyList<SketchBox> Boxes)
{
    /// <summary>Arranges a topology as it looks when all its nodes are up.</summary>
    public static Sketch Of(TopologyDefinition topology)
    {
        var plan = Placement.Plan(topology);
        var boxes = topology.Nodes
            .Select(node => new SketchBox(node.Name, Detail(node),
                [.. topology.Guests.Where(guest => plan.GetValueOrDefault(guest.Name) == node.Name)
                .Select(guest => Line(topology, guest))]))
            .ToList();
        var homeless = topology.Guests.Where(guest => !plan.ContainsKey(guest.Name)).ToList();
        if (homeless.Count > 0)
            boxes.Add(new SketchBox("without a place", "no node has room for these", [.. homeless.Select(guest => Line(topology, guest))]));
        return new Sketch(
            $"{topology.Name}: {Count(topology.Nodes.Length, "node")}, {Count(topology.Lans.Length, "lan")}, "
                + $"{Count(topology.Guests.Length, "Guest")}",
            [.. topology.Lans.Select(lan => (lan.Name, Detail(lan)))],
            boxes);
    }

    private static string Detail(NodeDefinition node)
    {
        var words = new List<string> { node.Port == 0 ? node.Host
            : string.Create(CultureInfo.InvariantCulture, $"{node.Host}:{node.Port}") };
        words.AddRange(node.Roles.Select(role => $"role {role}"));
        if (node.MemoryBytes is { } memory)
            words.Add(FormattableString.Invariant($"at most {memory >> 20} MB"));
        if (node.MostGuests is { } guests)
            words.Add($"at most {Count(guests, "Guest")}");
        return string.Join(", ", words);
    }

    private static string Detail(LanDefinition lan)
    {
        var words = new List<string> { lan.Kind == LanKind.Dma ? "dma" : $"ethernet {lan.Subnet}" };
        if (lan.Mtu != Frame.OrdinaryMtu)
            words.Add(FormattableString.Invariant($"mtu {lan.Mtu}"));
        if (lan.Link.ToString() is { Length: > 0 } link)
            words.Add(link);
        if (lan.Nat)
            words.Add("nat");
        if (lan.Tap is { } tap)
            words.Add($"tap {tap}");
        return string.Join(", ", words);
    }

    private static SketchLine Line(TopologyDefinition topology, GuestDefinition guest)
    {
        var words = new List<string>
        {
            guest.EmbeddedKernel ?? Path.GetFileName(guest.Kernel),
            FormattableString.Invariant($"{guest.MemoryMegabytes} MB"),
        };
        words.AddRange(guest.Ports.Where(port => topology.FindLan(port.Lan)?.Kind == LanKind.Ethernet).Select(port =>
            port.Link.ToString() is { Length: > 0 } link ? $"{port.Address} ({link})" : port.Address));
        words.AddRange(guest.Forwards.Select(forward => forward.Port.Ways));
        words.AddRange(guest.Disks.Select(disk => Path.GetFileName(disk.File) + (disk.Overlay ? " (overlay)" : "")));
        words.AddRange(guest.Shares.Select(share => $"{share.Folder}{(share.IsReadOnly ? ":ro" : "")} as {share.Tag}"));
        if (guest.Limits.CpuPercent is { } cpu)
            words.Add(FormattableString.Invariant($"cpu {cpu:0.#}%"));
        bool movable = topology.Nodes.Count(guest.Home.Allows) > 1;
        return new SketchLine(guest.Name, string.Join("  ", words), movable, [.. guest.Ports.Select(port => port.Lan)]);
    }

    private static string Count(int number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}

/// <summary>A node's box.</summary>
internal sealed record SketchBox(string Name, string Detail, IReadOnlyList<SketchLine> Guests);

/// <summary>A Guest in a box.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Detail">What it is.</param>
/// <param name="Movable">Whether it could as well be elsewhere.</param>
/// <param name="Lans">The rails that it hangs on.</param>
internal sealed record SketchLine(string Name, string Detail, bool Movable, IReadOnlyList<string> Lans);
