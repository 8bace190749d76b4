// Both ends of the heartbeat: one actor that answers, whatever state this node is in, and one that asks its share of the ring and tells the
// failure detectors of every answer.

using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster.Daemon;

/// <summary>Answers heartbeats: /system/cluster/heartbeatReceiver.</summary>
internal sealed class ClusterHeartbeatReceiver : ReceiveActor
{
    public ClusterHeartbeatReceiver(Cluster cluster) =>
        Receive<Heartbeat>(beat => Sender.Tell(new HeartbeatRsp(cluster.SelfUniqueAddress, beat.SequenceNr, beat.CreationTimeNanos)));
}

/// <summary>Sends heartbeats. Lives as long as this node is a member.</summary>
internal sealed class ClusterHeartbeatSender : ReceiveActor, IWithTimers
{
    private readonly Cluster _cluster;
    private readonly IFailureDetectorRegistry<Address> _detectors;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Nodes that fell out of our share of the ring while they were missed: watched until they answer, for we have said that they are missed.
    private readonly HashSet<UniqueAddress> _stillMissed = [];
    private HeartbeatRing _ring;
    private long _number;
    private long _lastTick;

    public ClusterHeartbeatSender(Cluster cluster)
    {
        _cluster = cluster;
        _detectors = cluster.FailureDetector;
        _ring = HeartbeatRing.Of(cluster.SelfUniqueAddress, [], [], cluster.Settings.MonitoredByNrOfMembers);
        Receive<ClusterEvent.CurrentClusterState>(state => _ring = HeartbeatRing.Of(
            cluster.SelfUniqueAddress,
            state.Members.Select(member => member.UniqueAddress),
            state.Unreachable.Select(member => member.UniqueAddress),
            cluster.Settings.MonitoredByNrOfMembers));
        Receive<HeartbeatTick>(_ => Beat());
        Receive<HeartbeatRsp>(answer => Hear(answer.From));
        Receive<ClusterEvent.MemberRemoved>(change => Remove(change.Member.UniqueAddress));
        Receive<ClusterEvent.IMemberEvent>(change => Turn(_ring.Add(change.Member.UniqueAddress)));
        Receive<ClusterEvent.UnreachableMember>(change => Turn(_ring.Miss(change.Member.UniqueAddress)));
        Receive<ClusterEvent.ReachableMember>(change => Turn(_ring.Find(change.Member.UniqueAddress)));
        Receive<ExpectedFirstHeartbeat>(expected => ExpectFirst(expected.From));
    }

    public ITimerScheduler Timers { get; set; }

    private IEnumerable<UniqueAddress> Receivers => _ring.Receivers.Union(_stillMissed);

    protected override void PreStart()
    {
        var interval = _cluster.Settings.HeartbeatInterval;
        var delay = _cluster.Settings.PeriodicTasksInitialDelay > interval ? _cluster.Settings.PeriodicTasksInitialDelay : interval;
        Timers.StartPeriodicTimer(HeartbeatTick.Instance, HeartbeatTick.Instance, delay, interval);
        _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
    }

    protected override void PostStop()
    {
        foreach (var node in Receivers) _detectors.Remove(node.Address);
        _cluster.Unsubscribe(Self);
    }

    private void Beat()
    {
        foreach (var node in Receivers)
        {
            // Who never answers must be missed all the same: after a while it is taken to have answered once, and then it is late.
            if (!_detectors.IsMonitoring(node.Address) && !Timers.IsTimerActive(node))
                Timers.StartSingleTimer(node, new ExpectedFirstHeartbeat(node), _cluster.Settings.HeartbeatExpectedResponseAfter);
            if (_cluster.Settings.VerboseHeartbeatLogging) _log.Debug("Cluster Node [{0}] - Heartbeat to [{1}]", _cluster.SelfAddress, node.Address);
            Context.ActorSelection(new RootActorPath(node.Address) / "system" / "cluster" / "heartbeatReceiver")
                .Tell(new Heartbeat(_cluster.SelfAddress, ++_number, (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency))));
        }

        var since = _lastTick == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_lastTick);
        if (since >= _cluster.Settings.HeartbeatInterval * 2)
            _log.Warning(
                "Cluster Node [{0}] - Scheduled sending of heartbeat was delayed. Previous heartbeat was sent [{1}] ms ago, expected interval is [{2}] ms. This may cause failure "
                + "detection to mark members as unreachable. The reason can be thread starvation, CPU overload, or GC.",
                _cluster.SelfAddress, (long)since.TotalMilliseconds, (long)_cluster.Settings.HeartbeatInterval.TotalMilliseconds);
        _lastTick = Stopwatch.GetTimestamp();
    }

    private void Hear(UniqueAddress from)
    {
        if (_cluster.Settings.VerboseHeartbeatLogging) _log.Debug("Cluster Node [{0}] - Heartbeat response from [{1}]", _cluster.SelfAddress, from.Address);
        if (!_ring.Receivers.Contains(from) && !_stillMissed.Contains(from)) return;
        _detectors.Heartbeat(from.Address);
        if (_stillMissed.Remove(from) && !_ring.Receivers.Contains(from)) _detectors.Remove(from.Address);
    }

    private void Remove(UniqueAddress node)
    {
        if (node.Equals(_cluster.SelfUniqueAddress))
        {
            Context.Stop(Self);
            return;
        }

        Turn(_ring.Remove(node));
        _detectors.Remove(node.Address);
        _stillMissed.Remove(node);
    }

    private void Turn(HeartbeatRing ring)
    {
        foreach (var node in _ring.Receivers.Except(ring.Receivers))
        {
            if (_detectors.IsAvailable(node.Address)) _detectors.Remove(node.Address);
            else _stillMissed.Add(node);
        }

        _ring = ring;
    }

    private void ExpectFirst(UniqueAddress from)
    {
        if (Receivers.Contains(from) && !_detectors.IsMonitoring(from.Address)) _detectors.Heartbeat(from.Address);
    }

    private sealed class HeartbeatTick : IDirective
    {
        internal static readonly HeartbeatTick Instance = new();
    }

    private sealed record ExpectedFirstHeartbeat(UniqueAddress From) : IDirective;
}
