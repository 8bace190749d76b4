// The top of the cluster's small tree of actors, /system/cluster: makes its parts, ties them to coordinated shutdown, and when it ends so does
// this node's membership.

using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Daemon;

internal sealed class ClusterDaemon : ReceiveActor
{
    private readonly Cluster _cluster;
    private readonly CoordinatedShutdown _shutdown = CoordinatedShutdown.Get(Context.System);
    private readonly TaskCompletionSource<Done> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterDaemon(Cluster cluster)
    {
        _cluster = cluster;
        var core = Context.ActorOf(Props.Create(() => new ClusterCoreSupervisor(cluster)).WithDispatcher(Context.Props.Dispatcher), "core");
        Context.ActorOf(Props.Create(() => new ClusterHeartbeatReceiver(cluster)).WithDispatcher(Context.Props.Dispatcher), "heartbeatReceiver");
        Receive<GetClusterCore>(core.Forward);
        Receive<AddOnMemberUpListener>(add => Listen(MemberStatus.Up, add.Callback));
        Receive<AddOnMemberRemovedListener>(add => Listen(MemberStatus.Removed, add.Callback));
        Receive<LeaveRequest>(request =>
            Context.ActorOf(Props.Create(() => new CoordinatedShutdownLeave(cluster)).WithDispatcher(Context.Props.Dispatcher)).Forward(request));
    }

    protected override void PreStart()
    {
        var self = Self;
        _shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "leave", () => _cluster.IsTerminated || _cluster.SelfMember.Status == MemberStatus.Down
            ? Task.FromResult(Done.Instance)
            : self.Ask<Done>(new LeaveRequest(), _shutdown.Timeout(CoordinatedShutdown.PhaseClusterLeave)));
        _shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "wait-shutdown", () => _stopped.Task);
    }

    protected override void PostStop()
    {
        _stopped.TrySetResult(Done.Instance);
        // After an orderly exit it runs already; a node that was downed must not live on beside a cluster that has forgotten it.
        if (_cluster.Settings.RunCoordinatedShutdownWhenDown) _shutdown.Run(CoordinatedShutdown.ClusterDowningReason.Instance);
    }

    private void Listen(MemberStatus status, Action callback) => Context.ActorOf(
        Props.Create(() => new OnMemberStatusChangedListener(_cluster, callback, status)).WithDispatcher(Context.Props.Dispatcher));
}

/// <summary>Holds the two actors that must not fail one without the other: when either does, this node leaves the cluster at once.</summary>
internal sealed class ClusterCoreSupervisor : ReceiveActor
{
    private readonly Cluster _cluster;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public ClusterCoreSupervisor(Cluster cluster)
    {
        _cluster = cluster;
        var publisher = Context.ActorOf(Props.Create(() => new ClusterEventPublisher(cluster)).WithDispatcher(Context.Props.Dispatcher), "publisher");
        var daemon = Context.ActorOf(Props.Create(() => new ClusterCoreDaemon(cluster, publisher)).WithDispatcher(Context.Props.Dispatcher), "daemon");
        Context.Watch(daemon);
        Receive<GetClusterCore>(_ => Sender.Tell(daemon));
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        _log.Error(failure, "Cluster node [{0}] crashed, [{1}] - shutting down...", _cluster.SelfAddress, failure.Message);
        Self.Tell(PoisonPill.Instance);
        return Directive.Stop;
    });

    protected override void PostStop() => _cluster.Shutdown();
}
