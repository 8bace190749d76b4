// Several nodes in one process, each a system of its own with real sockets between them: what every test of the cluster starts from. All
// is faster than by default, so that what takes minutes takes seconds. Messages within a node are not serialized: Akka's own resolver
// gets one that does not survive it.

using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public abstract class ClusterSpecBase : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The haste of these tests. Silence is judged less hastily than the rest: on a busy machine with two cores a thread may well
    /// wait two seconds, and
    /// nobody must be missed for that.</summary>
    protected const string Hasty =
        """
        akka.cluster {
          seed-node-timeout = 1 s
          retry-unsuccessful-join-after = 1 s
          periodic-tasks-initial-delay = 100 ms
          gossip-interval = 200 ms
          leader-actions-interval = 200 ms
          unreachable-nodes-reaper-interval = 200 ms
          failure-detector {
            heartbeat-interval = 300 ms
            acceptable-heartbeat-pause = 4 s
            expected-response-after = 1 s
          }
          split-brain-resolver.stable-after = 2 s
        }
        akka.remote.retry-gate-closed-for = 500 ms
        """;

    private const string Basics =
        """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = ["Akka.Event.DefaultLogger, Akka"]
          log-dead-letters = off
          actor.provider = cluster
          remote.log-remote-lifecycle-events = off
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
        }
        """;

    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync() => await Task.WhenAll(_systems.Select(system => system.Terminate())).WaitAsync(Patience);

    /// <summary>A node that is in no cluster yet.</summary>
    protected ActorSystem Start(string config = "", string name = "sys")
    {
        var system = ActorSystem.Create(
            name, ConfigurationFactory.ParseString(config).WithFallback(ConfigurationFactory.ParseString(Hasty))
                .WithFallback(ConfigurationFactory.ParseString(Basics)));
        _systems.Add(system);
        return system;
    }

    /// <summary>A node as it is with nothing but defaults, or these settings beside them.</summary>
    protected ActorSystem StartUnhurried(string config = "")
    {
        var system = ActorSystem.Create("sys", ConfigurationFactory.ParseString(config)
            .WithFallback(ConfigurationFactory.ParseString(Basics)));
        _systems.Add(system);
        return system;
    }

    /// <summary>Nodes with these configurations, all up, the first of them oldest, then the second, and so on.</summary>
    protected async Task<ActorSystem[]> Form(params string[] configs)
    {
        var nodes = new List<ActorSystem>();
        foreach (string config in configs)
        {
            nodes.Add(Start(config));
            ClusterNode.Get(nodes[^1]).Join(Self(nodes[0]));
            await Until(() => nodes.All(node => Status(node, nodes[^1]) == MemberStatus.Up), "up");
        }

        return [.. nodes];
    }

    protected static Address Self(ActorSystem system) => ClusterNode.Get(system).SelfAddress;

    /// <summary>What one node thinks of another; null when it knows of none.</summary>
    protected static MemberStatus? Status(ActorSystem here, ActorSystem of) =>
        ClusterNode.Get(here).State.Members.FirstOrDefault(member => member.UniqueAddress == ClusterNode.Get(of).SelfUniqueAddress)?.Status;

    protected static bool Misses(ActorSystem here, ActorSystem who) =>
        ClusterNode.Get(here).State.Unreachable.Any(member => member.UniqueAddress == ClusterNode.Get(who).SelfUniqueAddress);

    protected static async Task Until(Func<bool> condition, string what, TimeSpan? patience = null)
    {
        var end = DateTime.UtcNow + (patience ?? Patience);
        while (!condition())
        {
            (DateTime.UtcNow < end).ShouldBeTrue($"not {what} in {patience ?? Patience}");
            await Task.Delay(20);
        }
    }

    /// <summary>That something does not happen can only be watched for a while.</summary>
    protected static async Task Never(Func<bool> condition, string what, TimeSpan watched)
    {
        var end = DateTime.UtcNow + watched;
        while (DateTime.UtcNow < end)
        {
            condition().ShouldBeFalse(what);
            await Task.Delay(50);
        }
    }
}
