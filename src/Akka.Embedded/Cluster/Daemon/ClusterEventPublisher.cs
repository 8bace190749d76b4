// Makes known what has changed: the present state to whoever asks, the differences to whoever has subscribed. What Cluster.State says is never
// older than an event that somebody has received.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;

namespace Akka.Cluster.Daemon;

internal sealed class ClusterEventPublisher : ReceiveActor
{
    private readonly Cluster _cluster;
    private readonly MembershipState _nothing;
    private MembershipState _state;

    public ClusterEventPublisher(Cluster cluster)
    {
        _cluster = cluster;
        _state = _nothing = new MembershipState(cluster.SelfUniqueAddress, Gossip.Empty);
        Receive<PublishChanges>(change => Publish(change.State));
        Receive<Subscribe>(request => Subscribe(request.Subscriber, request.Mode, request.To));
        Receive<Unsubscribe>(request => Unsubscribe(request.Subscriber, request.To));
        Receive<SendCurrentClusterState>(request => request.Receiver.Tell(ClusterEvent.CurrentClusterState.Of(_state)));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Publish(ClusterEvent.ClusterShuttingDown.Instance);
        Publish(_nothing);
    }

    private void Publish(MembershipState state)
    {
        var before = _state;
        _state = state;
        _cluster.Publish(ClusterEvent.CurrentClusterState.Of(state));
        foreach (var change in MembershipDiff.Between(before, state))
        {
            if (_cluster.Settings.LogInfoVerbose && change is not ClusterEvent.SeenChanged) _cluster.LogInfo("event {0}", change);
            Context.System.EventStream.Publish(change);
        }
    }

    private void Subscribe(IActorRef subscriber, ClusterEvent.SubscriptionInitialStateMode mode, ImmutableHashSet<Type> to)
    {
        if (mode == ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot)
        {
            subscriber.Tell(ClusterEvent.CurrentClusterState.Of(_state));
        }
        else
        {
            foreach (var change in MembershipDiff.Between(_nothing, _state))
                if (to.Any(type => type.IsInstanceOfType(change))) subscriber.Tell(change);
        }

        foreach (var type in to) Context.System.EventStream.Subscribe(subscriber, type);
    }

    private static void Unsubscribe(IActorRef subscriber, Type to)
    {
        if (to is null) Context.System.EventStream.Unsubscribe(subscriber);
        else Context.System.EventStream.Unsubscribe(subscriber, to);
    }
}
