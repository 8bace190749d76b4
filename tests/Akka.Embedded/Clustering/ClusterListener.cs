// Collects what it is told, for tests that ask afterwards what a node has seen.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;

namespace Akka.Embedded.Tests.Clustering;

public sealed class ClusterListener : ReceiveActor
{
    public ClusterListener(ConcurrentQueue<object> heard) => ReceiveAny(heard.Enqueue);

    /// <summary>What a node's cluster says from now on.</summary>
    public static ConcurrentQueue<object> On(ActorSystem system, ClusterEvent.SubscriptionInitialStateMode mode, params Type[] to)
    {
        var heard = new ConcurrentQueue<object>();
        Akka.Cluster.Cluster.Get(system).Subscribe(system.ActorOf(Props.Create(() => new ClusterListener(heard))), mode, to);
        return heard;
    }
}
