// Leaves the cluster on behalf of coordinated shutdown, and answers when the others know of it.

using Akka.Actor;

namespace Akka.Cluster.Daemon;

internal sealed class CoordinatedShutdownLeave : ReceiveActor
{
    private readonly Cluster _cluster;

    public CoordinatedShutdownLeave(Cluster cluster)
    {
        _cluster = cluster;
        Receive<LeaveRequest>(_ =>
        {
            cluster.Leave(cluster.SelfAddress);
            cluster.Subscribe(Self, typeof(ClusterEvent.MemberLeft), typeof(ClusterEvent.MemberRemoved), typeof(ClusterEvent.MemberDowned));
            var asked = Sender;
            Become(() => Waiting(asked));
        });
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Waiting(IActorRef asked)
    {
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            var self = state.Members.FirstOrDefault(IsSelf);
            if (state.Members.IsEmpty || self?.Status is MemberStatus.Leaving or MemberStatus.Exiting or MemberStatus.Down) Answer(asked);
        });
        Receive<ClusterEvent.IMemberEvent>(change =>
        {
            if (IsSelf(change.Member)) Answer(asked);
        });
    }

    private bool IsSelf(Member member) => member.UniqueAddress == _cluster.SelfUniqueAddress;

    private void Answer(IActorRef asked)
    {
        asked.Tell(Done.Instance);
        Context.Stop(Self);
    }
}
