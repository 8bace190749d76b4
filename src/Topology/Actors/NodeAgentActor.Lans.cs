// The part of a node's agent for lans: it starts the node's part of each lan and connects it with the parts on other nodes.

using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Outside;
using Lguest.Net.Outside.Actors;
using Lguest.Net.Trunks.Actors;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Topology.Actors;

/// <content>Lans.</content>
internal sealed partial class NodeAgentActor
{
    /// <summary>Under this name, which no lan can have, the Dma actors of the nodes find each other.</summary>
    private const string DmaLan = "";

    private readonly Dictionary<string, IActorRef> _lans = [];
    private readonly Dictionary<string, Dictionary<Address, IActorRef>> _peers = [];
    private readonly Dictionary<Address, ActorSelection> _others = [];

    //J:Cluster:520 A lan of several nodes
    // A lan has an actor on each node where a Guest is plugged into it, made when the first one is. The agents tell each other which lans
    // they have, and again every other second, so that a message that was lost costs two seconds and a node that joins late is told like
    // the others. Each agent passes what it knows on to its own Lan actors.

    private IActorRef? Lan(string name)
    {
        if (_lans.TryGetValue(name, out var known))
            return known;
        if (Topology.FindLan(name) is not { Kind: LanKind.Ethernet } lan)
            return null;
        var actor = Context.ActorOf(LanActor.Props(GuestBuilding.Lan(Topology, lan, _node),
            NetSettings.From(Context.System.Settings.Config)), $"lan-{name}");
        LanFound(name, actor);
        return actor;
    }

    /// <summary>A lan has one way out, whatever its nodes: two routers of one address would confuse everybody. It is on the first node of
    /// the file.</summary>
    private void OpenWaysOut()
    {
        if (Topology.Nodes[0].Name != _node)
            return;
        var net = NetSettings.From(Context.System.Settings.Config);
        foreach (var lan in Topology.Lans)
        {
            try
            {
                if (lan.Nat && Lan(lan.Name) is { } inside)
                {
                    var settings = NatSettings.AtTheTop(lan.Subnet.Base, lan.Subnet.Bits) with { Mtu = lan.Mtu };
                    Context.ActorOf(WayOut.Nat(inside, net, settings, Forwards(lan.Name), ForwardTold), $"nat-{lan.Name}");
                }

                if (lan.Tap is { Length: > 0 } tap && Lan(lan.Name) is { } tapped)
                    Context.ActorOf(WayOut.Tap(tapped, net, new TunnelSettings(tap), lan.Mtu), $"tap-{lan.Name}");
            }
            catch (OutsideException problem)
            {
                _log.Error("lan {0} has no way out: {1}", lan.Name, problem.Message);
                _local.Say($"lan {lan.Name} has no way out: {problem.Message}");
            }
        }
    }

    private IEnumerable<PortForward> Forwards(string lan) =>
        Topology.Guests.SelectMany(guest => guest.Forwards).Where(forward => forward.Lan == lan).Select(forward => forward.Port);

    /// <summary>Any thread.</summary>
    private void ForwardTold(PortForward forward, string? problem) =>
        _local.Say(problem is null ? forward.ToString() : $"{forward}: {problem}; it is tried again and again");

    private void LanFound(string lan, IActorRef? part)
    {
        if (part is null)
            return;
        _lans[lan] = part;
        TellPeers(lan);
        foreach (var other in _others.Values)
            TellLans(other);
    }

    private void Meet(Member member)
    {
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress) || TopologyActor.NameOf(member) is null)
            return;
        var agent = Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name);
        _others[member.Address] = agent;
        TellTrunks();
        TellLans(agent);
    }

    private void MemberGone(Member member)
    {
        // Of a node that is out of the cluster itself, all others take their leave; whom it missed is what it has to tell.
        if (_cluster.SelfMember.Status == MemberStatus.Up)
            Miss(member, isMissed: false);
        if (_others.Remove(member.Address))
            TellTrunks();
        foreach (var (lan, peers) in _peers)
            if (peers.Remove(member.Address))
                TellPeers(lan);
    }

    private void LanHere(TopologyProtocol.LanHere here)
    {
        var address = Sender.Path.Address;
        if (!_others.ContainsKey(address))
            return;
        if (!_peers.TryGetValue(here.Lan, out var peers))
            _peers.Add(here.Lan, peers = []);
        if (peers.TryGetValue(address, out var known) && known.Equals(here.Actor))
            return;
        peers[address] = here.Actor;
        TellPeers(here.Lan);
    }

    /// <summary>Asks for the node's Dma. It may not be made yet, since the node and its agent start side by side: then it is asked for
    /// again.</summary>
    private void FindDma() => Context.ActorSelection(_guests.Path / NodeActor.DmaName).Tell(new Identify(DmaLan), Self);

    private void TellTrunks() =>
        Context.ActorSelection(Self.Path.Root / "user" / TrunkActor.Name).Tell(new TrunkProtocol.Peers([.. _others.Keys]));

    private void TellLans(ActorSelection other)
    {
        foreach (var (name, actor) in _lans)
            other.Tell(new TopologyProtocol.LanHere(name, actor), Self);
    }

    private void TellPeers(string lan)
    {
        if (_lans.TryGetValue(lan, out var actor) && _peers.TryGetValue(lan, out var peers))
        {
            _log.Debug("lan {0} on {1} has {2} other parts", lan, _node, peers.Count);
            actor.Tell(lan == DmaLan ? new DmaProtocol.Peers([.. peers.Values]) : new LanProtocol.Peers([.. peers.Values]));
        }
    }
}
