// A node for tests: an actor system of its own with a port of its own, a lan on it, and Guests that are only what a lan sees of them.

using Akka.Actor;
using Akka.Configuration;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Tests.Nodes;

/// <summary>One node of a rack under test, reached by the others over TCP only.</summary>
internal sealed class LanNode : IDisposable
{
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

    public LanNode(string name, LanSettings lan)
    {
        System = ActorSystem.Create(name, _config);
        Lan = System.ActorOf(LanActor.Props(lan, NetSettings.From(System.Settings.Config)), "lan");
    }

    public ActorSystem System { get; }

    public IActorRef Lan { get; }

    /// <summary>What a node's membership tells its lan.</summary>
    public void Introduce(params IEnumerable<LanNode> nodes) => Lan.Tell(new LanProtocol.Peers([.. nodes.Where(node => node != this).Select(Find)]));

    /// <summary>Plugs a Guest in.</summary>
    public LanGuest Guest(string name, int number) => new(this, name, number);

    /// <summary>Counters of this node's part of the lan.</summary>
    public LanProtocol.Statistics Statistics() => Lan.Ask<LanProtocol.Statistics>(LanProtocol.GetStatistics.Instance, TimeSpan.FromSeconds(10)).Result;

    public void Dispose()
    {
        System.Terminate().Wait(TimeSpan.FromSeconds(10));
        System.Dispose();
    }

    private IActorRef Find(LanNode other)
    {
        var path = ((ExtendedActorSystem)other.System).Provider.DefaultAddress + "/user/lan";
        return System.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(10)).Result;
    }
}
