// How long it takes from the first call of Join until two nodes that found a cluster are up and both know it. Nothing is configured but
// addresses: what is measured are the defaults.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;

namespace Lguest.Bench.Clustering;

internal sealed class TwoNodesUp : IBenchmark
{
    private const int Times = 5;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static readonly Config _config = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = ERROR
          actor.provider = cluster
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
          remote { log-remote-lifecycle-events = off, dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }
        }
        """);

    public string Name => "cluster of two nodes up";

    public Target Target { get; } = Target.AtMost(2, "s");

    public Measurement Run()
    {
        var times = Enumerable.Range(0, Times).Select(_ => Form()).Order().ToList();
        return Measurement.Of(
            times[Times / 2], string.Create(CultureInfo.InvariantCulture,
                $"median of {Times}, {times[0]:F2} to {times[^1]:F2} s, from Join until both see both"));
    }

    private static double Form()
    {
        var left = ActorSystem.Create("bench", _config);
        var right = ActorSystem.Create("bench", _config);
        var clock = Stopwatch.StartNew();
        Cluster.Get(left).Join(Cluster.Get(left).SelfAddress);
        Cluster.Get(right).Join(Cluster.Get(left).SelfAddress);
        while (!SeesBothUp(left) || !SeesBothUp(right))
        {
            if (clock.Elapsed > _patience) throw new TimeoutException("the two nodes did not come up");
            Thread.Sleep(1);
        }

        double seconds = clock.Elapsed.TotalSeconds;
        Task.WaitAll(left.Terminate(), right.Terminate());
        return seconds;
    }

    private static bool SeesBothUp(ActorSystem system) =>
        Cluster.Get(system).State.Members.Count(member => member.Status == MemberStatus.Up) == 2;
}
