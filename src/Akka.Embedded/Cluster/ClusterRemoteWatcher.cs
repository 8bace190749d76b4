// Death watch between members. Whether a member is alive is the cluster's to say: for members nobody else sends heartbeats, and the actors of a
// node are dead when it is removed, not before. A node that was downed is quarantined, for it may not know that it is dead.

using Akka.Actor;
using Akka.Remote;

namespace Akka.Cluster;

internal sealed class ClusterRemoteWatcher : RemoteWatcher
{
    private readonly Cluster _cluster;
    private readonly HashSet<Address> _members = [];

    public ClusterRemoteWatcher(
        Cluster cluster,
        IFailureDetectorRegistry<Address> failureDetector,
        TimeSpan heartbeatInterval,
        TimeSpan unreachableReaperInterval,
        TimeSpan heartbeatExpectedResponseAfter)
        : base(failureDetector, heartbeatInterval, unreachableReaperInterval, heartbeatExpectedResponseAfter) => _cluster = cluster;

    protected override void PreStart()
    {
        base.PreStart();
        _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent));
    }

    protected override void PostStop()
    {
        base.PostStop();
        _cluster.Unsubscribe(Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.CurrentClusterState state:
                foreach (var member in state.Members) TakeOver(member);
                break;
            case ClusterEvent.MemberUp up:
                TakeOver(up.Member);
                break;
            case ClusterEvent.MemberWeaklyUp weaklyUp:
                TakeOver(weaklyUp.Member);
                break;
            case ClusterEvent.MemberRemoved removed:
                Remove(removed.Member, removed.PreviousStatus);
                break;
            case ClusterEvent.IMemberEvent:
                break;
            default:
                base.OnReceive(message);
                break;
        }
    }

    protected override void WatchNode(IInternalActorRef watchee)
    {
        if (!_members.Contains(watchee.Path.Address)) base.WatchNode(watchee);
    }

    private void TakeOver(Member member)
    {
        if (member.Address == _cluster.SelfAddress) return;
        _members.Add(member.Address);
        if (WatchingNodes.Contains(member.Address)) UnwatchNode(member.Address);
        Unreachable.Remove(member.Address);
    }

    private void Remove(Member member, MemberStatus previous)
    {
        if (member.Address == _cluster.SelfAddress) return;
        _members.Remove(member.Address);
        if (previous == MemberStatus.Down) Quarantine(member.Address, member.UniqueAddress.Uid);
        PublishAddressTerminated(member.Address);
    }
}
