// Two systems in one process that know each other only over the network: what every test of remoting starts from.

using Akka.Actor;
using Akka.Configuration;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Remote;

/// <summary>The test's own system is one end, <see cref="Other"/> the other. Both listen on a port that was free.</summary>
public abstract class RemoteSpecBase : PatientTestKit
{
    private static readonly Config _remote = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = WARNING
          actor.provider = remote
          remote {
            retry-gate-closed-for = 1 s
            log-remote-lifecycle-events = off
            dot-netty.tcp {
              hostname = 127.0.0.1
              port = 0
            }
          }
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """);

    private readonly Config _config;

    protected RemoteSpecBase(string? config = null)
        : base(With(config)) => Other = ActorSystem.Create("other", _config = OnPort(FreePorts.Next()).WithFallback(With(config)));

    protected ActorSystem Other { get; private set; }

    protected Address OtherAddress => AddressOf(Other);

    protected static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    /// <summary>Ends the other system and makes a new one at the same address.</summary>
    protected async Task RestartOther()
    {
        await Other.Terminate();
        Other = ActorSystem.Create("other", _config);
    }

    /// <summary>How the test's system reaches an actor of the other.</summary>
    protected async Task<IActorRef> Resolve(IActorRef actorOfOther) =>
        await Sys.ActorSelection(new RootActorPath(OtherAddress) / actorOfOther.Path.Elements).ResolveOne(TimeSpan.FromSeconds(20));

    protected override void AfterAll()
    {
        base.AfterAll();
        Shutdown(Other);
    }

    private static Config OnPort(int port) => ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.port = {port}");

    private static Config With(string? config) => ConfigurationFactory.ParseString(config ?? "").WithFallback(_remote);
}
