// Collects what a node's cluster tells it, for tests that ask afterwards what the node has seen.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public static class ClusterListener
{
    /// <summary>What a node's cluster says from now on.</summary>
    public static ConcurrentQueue<object> On(ActorSystem system, ClusterEvent.SubscriptionInitialStateMode mode, params Type[] to)
    {
        var heard = new ConcurrentQueue<object>();
        Akka.Cluster.Cluster.Get(system).Subscribe(system.ActorOf(Props(heard)), mode, to);
        return heard;
    }

    /// <summary>An actor that keeps what it hears.</summary>
    public static Props Props(ConcurrentQueue<object> heard) => Akka.Actor.Props.Create(() => new Listener(heard));

    private sealed class Listener : ReceiveActor
    {
        public Listener(ConcurrentQueue<object> heard) => ReceiveAny(heard.Enqueue);
    }
}
