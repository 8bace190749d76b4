// Calls somebody back, once, when this node has come up or is no member any more.

using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Daemon;

internal sealed class OnMemberStatusChangedListener : ReceiveActor
{
    private readonly Cluster _cluster;
    private readonly Action _callback;
    private readonly MemberStatus _status;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _done;

    public OnMemberStatusChangedListener(Cluster cluster, Action callback, MemberStatus status)
    {
        _cluster = cluster;
        _callback = callback;
        _status = status;
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            if (state.Members.Any(IsIt)) Done();
        });
        Receive<ClusterEvent.IMemberEvent>(change =>
        {
            if (IsIt(change.Member)) Done();
        });
    }

    protected override void PreStart() =>
        _cluster.Subscribe(Self, _status == MemberStatus.Up ? typeof(ClusterEvent.MemberUp) : typeof(ClusterEvent.MemberRemoved));

    protected override void PostStop()
    {
        // The cluster's actors end when the node is removed, maybe before the event has reached this one.
        if (_status == MemberStatus.Removed) Done();
        _cluster.Unsubscribe(Self);
    }

    private bool IsIt(Member member) => member.UniqueAddress == _cluster.SelfUniqueAddress && member.Status == _status;

    private void Done()
    {
        if (_done) return;
        _done = true;
        try
        {
            _callback();
        }
        catch (Exception failure)
        {
            // It is somebody else's code, and its failure is not the cluster's.
            _log.Error(failure, "[{0}] callback failed with [{1}]", _status, failure.Message);
        }

        Context.Stop(Self);
    }
}
