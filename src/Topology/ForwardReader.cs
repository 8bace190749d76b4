// Ports of this machine that lead into Guests. A lan of several nodes has one way out, and so all ports that lead to it are opened by one
// process, wherever the Guests are: what cannot be had at one place is found here.

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Lguest.Net.Outside;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>A port that leads into a Guest.</summary>
/// <param name="Port">From where to where.</param>
/// <param name="Lan">The lan whose router it is.</param>
/// <param name="Place">Where the file asks for it.</param>
internal sealed record ForwardDefinition(PortForward Port, string Lan, Place Place);

/// <summary>Reads <c>forward</c> of one Guest after the other.</summary>
internal sealed class ForwardReader(PlaceMap places, ImmutableArray<NodeDefinition> nodes, ImmutableArray<LanDefinition> lans)
{
    private readonly List<PortForward> _taken = [];

    /// <param name="guest">The Guest's settings.</param>
    /// <param name="name">Its name.</param>
    /// <param name="index">Which of several it is.</param>
    /// <param name="ports">Where it is plugged in.</param>
    /// <exception cref="MisconfiguredException">It is not understood, or cannot be had.</exception>
    public ImmutableArray<ForwardDefinition> Read(SectionReader guest, string name, int index, IEnumerable<PortDefinition> ports)
    {
        var forwards = ImmutableArray.CreateBuilder<ForwardDefinition>();
        foreach (var (word, item) in guest.Words("forward").Zip(guest.Items("forward")))
        {
            var place = places.Value(item.Path);
            string text = word.Replace("%index%", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            var port = ports.FirstOrDefault(port => lans.Any(lan => lan.Name == port.Lan && lan.Nat))
                ?? throw new MisconfiguredException(place,
                    $"guest '{name}': a forward goes by the router of a lan, and the Guest is on none that has one; write nat = on for its "
                    + "lan");
            var parsed = PortForward.Parse(text) ?? throw new MisconfiguredException(place,
                $"guest '{name}': {SectionReader.Short(text)} is no forward; write {PortForward.Form}");
            var forward = parsed with { Guest = Subnet.Number(port.Address)!.Value, Name = name };
            if (_taken.Find(forward.Clashes) is { } other)
                throw new MisconfiguredException(place, $"guest '{name}': port {forward.HostPort.ToString(CultureInfo.InvariantCulture)} "
                    + $"leads to '{other.Name}' already; choose another port"
                    + (other.Name != name && text == word ? ", or, with count, one with %index% in it, as in tcp:808%index%:80" : ""));
            if (!forward.IsUdp && nodes.FirstOrDefault(node => Listens(node, forward)) is { } node)
                throw new MisconfiguredException(place, $"guest '{name}': node '{node.Name}' listens at "
                    + $"{forward.HostPort.ToString(CultureInfo.InvariantCulture)} itself; choose another port");
            _taken.Add(forward);
            forwards.Add(new ForwardDefinition(forward, port.Lan, place));
        }

        return forwards.ToImmutable();
    }

    /// <summary>Whether a node that is surely on the same machine has the port.</summary>
    private bool Listens(NodeDefinition node, PortForward forward) =>
        (node == nodes[0] || node.IsLoopback)
            && ((node.ListenPort ?? node.Port) == forward.HostPort || (node.ListenTrunkPort ?? node.TrunkPort) == forward.HostPort)
            && forward.Overlaps(IPAddress.TryParse(node.ListenHost ?? node.Host, out var address) ? address : IPAddress.Any,
                forward.HostPort);
}
