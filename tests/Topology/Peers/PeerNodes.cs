// Systems that talk to each other in tests of what may come from a peer: one as the program configures a node of a cluster, and one as
// anybody may have it.

using Akka.Configuration;
using Lguest.Topology.Actors;

namespace Lguest.Topology.Tests.Peers;

internal static class PeerNodes
{
    private static readonly Config _loopback = ConfigurationFactory.ParseString(
        "akka { actor.provider = cluster, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }");

    /// <summary>A node of a cluster as the program has it, on any port.</summary>
    public static Config Product => _loopback
        .WithFallback(TopologyFile.Parse("peers.conf", "lguest { nodes.a { }, guests.g { } }", _ => null, _ => true).Config)
        .WithFallback(ClusterNode.Common);

    /// <summary>A system with nothing but Akka's defaults.</summary>
    public static Config Stranger { get; } = ConfigurationFactory.ParseString(
        """
        akka {
          loggers = []
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """);
}
