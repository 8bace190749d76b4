// What a process of the cluster's tests runs: one node that says on standard output what it sees of the cluster and does what standard
// input says. It ends when its system does, or when standard input ends.

using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Lguest.Topology.Actors;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

internal static class MemberNode
{
    internal static async Task<int> Run(string config)
    {
        var system = ActorSystem.Create("sys", ConfigurationFactory.ParseString(config));
        var cluster = ClusterNode.Get(system);
        cluster.Subscribe(system.ActorOf(Props.Create(() => new Reporter())), typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));
        system.ActorOf(QuarantineActor.Props("", Say), QuarantineActor.Name);
        Say($"listening {cluster.SelfAddress}");
        var end = system.WhenTerminated.ContinueWith(_ => Say(
            $"terminated {CoordinatedShutdown.Get(system).ShutdownReason?.GetType().Name}"), TaskScheduler.Default);
        var orders = Task.Run(() => Obey(system, cluster));
        if (await Task.WhenAny(orders, end) == orders) await system.Terminate();
        await end;
        return 0;
    }

    private static async Task Obey(ActorSystem system, ClusterNode cluster)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["join", var address]:
                    cluster.Join(Address.Parse(address));
                    break;
                case ["leave"]:
                    cluster.Leave(cluster.SelfAddress);
                    break;
                case ["manage"]:
                    system.ActorOf(
                        ClusterSingletonManager.Props(Props.Create(() => new Singleton()), ClusterSingletonManagerSettings.Create(system)),
                            "manager");
                    break;
                case ["burn", var threads]:
                    for (int i = int.Parse(threads, System.Globalization.CultureInfo.InvariantCulture); i > 0; i--)
                        new Thread(Burn) { IsBackground = true }.Start();
                    break;
            }
        }
    }

    private static void Say(string line) => Console.Out.WriteLine(line);

    private static void Burn()
    {
        for (ulong x = 1UL; x != 0; x = x * 6364136223846793005UL + 1442695040888963407UL | 1)
        {
        }
    }

    private sealed class Reporter : ReceiveActor
    {
        public Reporter()
        {
            Receive<ClusterEvent.MemberStatusChange>(change => Say($"{change.GetType().Name} {change.Member.Address}"));
            Receive<ClusterEvent.ReachabilityEvent>(change => Say($"{change.GetType().Name} {change.Member.Address}"));
            ReceiveAny(_ => { });
        }
    }

    private sealed class Singleton : ReceiveActor
    {
        protected override void PreStart() => Say("singleton started");

        protected override void PostStop() => Say("singleton stopped");
    }
}
