// A node for tests: an actor system of its own with a port of its own, its trunks, a lan on it, and Guests that are only what a lan sees
// of them.

using Akka.Actor;
using Akka.Configuration;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tls;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Tests.Nodes;

/// <summary>One node of a rack under test, reached by the others over TCP only.</summary>
internal sealed class LanNode : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly Config _config = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp {
            hostname = 127.0.0.1
            port = 0
          }
        }
        """).WithFallback(NetSettings.Reference());

    /// <param name="name">Its name.</param>
    /// <param name="lan">The lan of which it has a part.</param>
    /// <param name="config">What is to be different.</param>
    /// <param name="security">TLS for its trunks.</param>
    public LanNode(string name, LanSettings lan, string config = "", TlsSettings? security = null)
    {
        System = ActorSystem.Create(name, ConfigurationFactory.ParseString(config).WithFallback(_config));
        Trunk = System.ActorOf(TrunkActor.Props(TrunkSettings.From(System.Settings.Config), security), TrunkActor.Name);
        Lan = System.ActorOf(LanActor.Props(lan, NetSettings.From(System.Settings.Config)), "lan");
    }

    public ActorSystem System { get; }

    public IActorRef Lan { get; }

    public IActorRef Trunk { get; }

    /// <summary>Where the others find it.</summary>
    public Address Address => ((ExtendedActorSystem)System).Provider.DefaultAddress;

    /// <summary>What a node's membership tells its lan and its trunks.</summary>
    public void Introduce(params IEnumerable<LanNode> nodes)
    {
        var others = nodes.Where(node => node != this).ToList();
        Trunk.Tell(new TrunkProtocol.Peers([.. others.Select(node => node.Address)]));
        Lan.Tell(new LanProtocol.Peers([.. others.Select(Find)]));
    }

    /// <summary>Plugs a Guest in.</summary>
    public LanGuest Guest(string name, int number) => new(this, name, number);

    /// <summary>Counters of this node's part of the lan.</summary>
    public LanProtocol.Statistics Statistics() => Lan.Ask<LanProtocol.Statistics>(LanProtocol.GetStatistics.Instance, _patience).Result;

    /// <summary>Counters of its trunks.</summary>
    public TrunkProtocol.Statistics Trunks() => Trunk.Ask<TrunkProtocol.Statistics>(TrunkProtocol.GetStatistics.Instance, _patience).Result;

    public void Dispose()
    {
        System.Terminate().Wait(TimeSpan.FromSeconds(10));
        System.Dispose();
    }

    private IActorRef Find(LanNode other) => System.ActorSelection(other.Address + "/user/lan").ResolveOne(_patience).Result;
}
