// Waits until nothing changes any more and then does, on the leader of what can be reached, what the rule says. All sides wait equally long, so
// that none is still taking in members while another counts.

using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster.SBR;

internal sealed class SplitBrainResolver : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;
    private readonly SplitBrainResolverSettings _settings;
    private readonly KeepMajority _rule;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private SplitBrainView _view = SplitBrainView.Empty;
    private bool _isLeader;
    private bool _isMember;
    private long _stableSince = Stopwatch.GetTimestamp();
    private long _lastLook = Stopwatch.GetTimestamp();

    // The first and the last change of reachability since all was well; none when both are zero.
    private long _firstChange;
    private long _lastChange;

    public SplitBrainResolver(Cluster cluster, SplitBrainResolverSettings settings)
    {
        _cluster = cluster;
        _settings = settings;
        _rule = new KeepMajority(settings.KeepMajorityRole);
        Receive<Tick>(_ => Look());
        Receive<ClusterEvent.SeenChanged>(change => _view = _view with { SeenBy = change.SeenBy });
        Receive<ClusterEvent.ReachabilityChanged>(change => _view = _view with { Reachability = change.Reachability });
        Receive<ClusterEvent.LeaderChanged>(change => _isLeader = change.Leader == cluster.SelfAddress);
        Receive<ClusterEvent.UnreachableMember>(change => Miss(change.Member));
        Receive<ClusterEvent.MemberDowned>(change => Miss(change.Member));
        Receive<ClusterEvent.ReachableMember>(change => Reached(change.Member, _view.Find(change.Member)));
        Receive<ClusterEvent.MemberRemoved>(change => Remove(change.Member));
        Receive<ClusterEvent.IMemberEvent>(change => Add(change.Member));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _interval);
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IClusterDomainEvent));
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private bool IsSelf(Member member) => member.UniqueAddress == _cluster.SelfUniqueAddress;

    private void Add(Member member)
    {
        _view = _view.Add(member);
        if (IsSelf(member) && member.Status is MemberStatus.Up or MemberStatus.WeaklyUp) _isMember = true;
        // Members that join or leave change nothing in who can reach whom.
        if (member.Status is MemberStatus.Up or MemberStatus.Exiting) Unstable();
    }

    private void Miss(Member member)
    {
        if (!IsSelf(member)) Reached(member, _view.Miss(member));
    }

    private void Reached(Member member, SplitBrainView view)
    {
        if (IsSelf(member)) return;
        var before = _view.Unreachable.Count;
        _view = view;
        _lastChange = Stopwatch.GetTimestamp();
        if (_firstChange == 0) _firstChange = _lastChange;
        CalmWhenAllIsWell();
        Unstable();
        if (!_isLeader || !_isMember) return;
        if (view.Unreachable.IsEmpty) _log.Info("SBR found all unreachable members healed during stable-after period, no downing decision necessary for now.");
        else if (view.Unreachable.Count != before)
            _log.Info(
                "SBR found [{0}] unreachable members, waiting for stable-after = {1} ms before taking downing decision.",
                view.Unreachable.Count, (long)_settings.DowningStableAfter.TotalMilliseconds);
    }

    private void Remove(Member member)
    {
        if (IsSelf(member))
        {
            Context.Stop(Self);
            return;
        }

        _view = _view.Remove(member);
        CalmWhenAllIsWell();
    }

    private void Unstable() => _stableSince = Stopwatch.GetTimestamp();

    private void CalmWhenAllIsWell()
    {
        if (_view.IsAllUnreachableDownOrExiting) _firstChange = _lastChange = 0;
    }

    private void Look()
    {
        var since = Stopwatch.GetElapsedTime(_lastLook);
        _lastLook = Stopwatch.GetTimestamp();
        if (since > _interval * 5)
        {
            // This process stood still, or nearly so. What it knows is old, and calm only because it did not look.
            Unstable();
            return;
        }

        if (_firstChange != 0)
        {
            var unstableAfter = _settings.DownAllWhenUnstable;
            if (unstableAfter > TimeSpan.Zero && Stopwatch.GetElapsedTime(_firstChange) > _settings.DowningStableAfter + unstableAfter)
            {
                _log.Warning(
                    "SBR detected instability and will down all nodes: reachability has been changing for {0} ms, last {1} ms ago",
                    (long)Stopwatch.GetElapsedTime(_firstChange).TotalMilliseconds, (long)Stopwatch.GetElapsedTime(_lastChange).TotalMilliseconds);
                Act(Decision.DownAll);
            }
            else if (unstableAfter == TimeSpan.Zero && Stopwatch.GetElapsedTime(_lastChange) > _settings.DowningStableAfter * 2)
            {
                _firstChange = _lastChange = 0;
            }
        }

        if (_isLeader && _isMember && !_view.Unreachable.IsEmpty && Stopwatch.GetElapsedTime(_stableSince) > _settings.DowningStableAfter) Act(_rule.Decide(_view));
    }

    private void Act(Decision decision)
    {
        var nodes = _rule.NodesToDown(_view, decision);
        if (nodes.IsEmpty) return;
        _log.Warning(
            "SBR took decision {0} and is downing [{1}]{2}, [{3}] unreachable of [{4}] members, full reachability status: [{5}]",
            decision, string.Join(", ", nodes.Select(node => node.Address)), nodes.Contains(_cluster.SelfUniqueAddress) ? " including myself" : "",
            _view.Unreachable.Count, _view.AllMembers.Count, _view.Reachability);
        foreach (var node in nodes.Where(node => node != _cluster.SelfUniqueAddress)) _cluster.Down(node.Address);
        // Itself last, so that the others hear of their end.
        if (nodes.Contains(_cluster.SelfUniqueAddress)) _cluster.Down(_cluster.SelfAddress);
        _firstChange = _lastChange = 0;
        Unstable();
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        internal static readonly Tick Instance = new();
    }
}
