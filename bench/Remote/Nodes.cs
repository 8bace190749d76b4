// Two systems of one process that know each other only over a socket on the loopback: where the figures of remoting are taken.

using Akka.Actor;
using Akka.Configuration;

namespace Lguest.Bench.Remote;

/// <summary>A near and a far system, both on ports that were free.</summary>
internal sealed class Nodes : IDisposable
{
    private static readonly Config _config = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = ERROR
          stdout-loglevel = ERROR
          actor.provider = remote
          remote {
            log-remote-lifecycle-events = off
            dot-netty.tcp {
              hostname = 127.0.0.1
              port = 0
            }
          }
        }
        """);

    internal ActorSystem Near { get; } = ActorSystem.Create("near", _config);

    internal ActorSystem Far { get; } = ActorSystem.Create("far", _config);

    /// <summary>How the near system reaches an actor of the far one.</summary>
    internal IActorRef Resolve(IActorRef far)
    {
        var address = ((ExtendedActorSystem)Far).Provider.DefaultAddress;
        return Near.ActorSelection(new RootActorPath(address) / far.Path.Elements).ResolveOne(TimeSpan.FromSeconds(20)).GetAwaiter()
            .GetResult();
    }

    public void Dispose() => Task.WaitAll(Near.Terminate(), Far.Terminate());
}
