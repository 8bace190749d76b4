// A topology as a value: its nodes, networks, Guests and rules. It has been checked.

using System.Collections.Immutable;

namespace Lguest.Topology;

/// <summary>What a topology file says.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="File">The file.</param>
/// <param name="Nodes">In the file's order.</param>
/// <param name="Lans">In the file's order.</param>
/// <param name="Guests">In the file's order, count = n as n of them.</param>
/// <param name="Cluster">How its nodes stay together.</param>
internal sealed record TopologyDefinition(
    string Name,
    string File,
    ImmutableArray<NodeDefinition> Nodes,
    ImmutableArray<LanDefinition> Lans,
    ImmutableArray<GuestDefinition> Guests,
    ClusterRules Cluster)
{
    public NodeDefinition? FindNode(string name) => Nodes.FirstOrDefault(node => node.Name == name);

    public LanDefinition? FindLan(string name) => Lans.FirstOrDefault(lan => lan.Name == name);

    public GuestDefinition? FindGuest(string name) => Guests.FirstOrDefault(guest => guest.Name == name);
}
