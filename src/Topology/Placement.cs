// Decides where a Guest runs. It is a function of the nodes and what they run already, so check can draw the result in advance, and the
// leader can compute it again after a loss.
//
//J:Host:110 Where a Guest goes
// Placement is a function of the nodes that are up and of what each of them carries, and of nothing else: no clock, no chance. That is why
// lguest check can draw a topology as it will run, and why every leader comes to the same answer. Guests with the least choice go first: a
// Guest that names its node is placed before one that may go anywhere and might take the room.

namespace Lguest.Topology;

/// <summary>What a node has to carry already.</summary>
/// <param name="Guests">How many.</param>
/// <param name="MemoryBytes">Their memory together.</param>
internal readonly record struct NodeLoad(int Guests, long MemoryBytes)
{
    public NodeLoad With(GuestDefinition guest) => new(Guests + 1, MemoryBytes + guest.MemoryBytes);
}

/// <summary>Chooses nodes for Guests.</summary>
internal static class Placement
{
    /// <summary>The node for one Guest.</summary>
    /// <param name="guest">The Guest.</param>
    /// <param name="nodes">The nodes that are there, in the file's order, which decides between equals.</param>
    /// <param name="load">What each of them carries.</param>
    /// <returns>Null if none may have it or has room for it.</returns>
    public static NodeDefinition? Choose(GuestDefinition guest, IEnumerable<NodeDefinition> nodes, Func<string, NodeLoad> load)
    {
        var possible = nodes.Where(node => guest.Home.Allows(node) && HasRoom(node, load(node.Name), guest));
        return guest.Home.Rule == PlacementRule.Pack ? possible.FirstOrDefault() : possible.MinBy(node => load(node.Name).Guests);
    }

    /// <summary>Where all Guests go when all nodes are there.</summary>
    /// <returns>The node's name for each Guest that has one.</returns>
    public static IReadOnlyDictionary<string, string> Plan(TopologyDefinition topology)
    {
        var loads = topology.Nodes.ToDictionary(node => node.Name, _ => default(NodeLoad));
        var plan = new Dictionary<string, string>();
        foreach (var guest in Order(topology))
        {
            if (Choose(guest, topology.Nodes, name => loads[name]) is not { } node)
                continue;
            loads[node.Name] = loads[node.Name].With(guest);
            plan.Add(guest.Name, node.Name);
        }

        return plan;
    }

    /// <summary>Guests in the order in which they are placed: those with the least choice first, so that the others can move out of their
    /// way.</summary>
    public static IEnumerable<GuestDefinition> Order(TopologyDefinition topology) =>
        topology.Guests.OrderBy(guest => topology.Nodes.Count(guest.Home.Allows));

    private static bool HasRoom(NodeDefinition node, NodeLoad load, GuestDefinition guest) =>
        (node.MostGuests is not { } most || load.Guests < most)
        && (node.MemoryBytes is not { } memory || load.MemoryBytes + guest.MemoryBytes <= memory);
}
