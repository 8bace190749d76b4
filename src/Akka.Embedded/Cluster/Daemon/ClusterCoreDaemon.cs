// The node's seat in the cluster, /system/cluster/core/daemon: owns the membership state, hears what others say, acts on the clock. What may be
// done is decided by the rules in Membership; here it is carried out. This part brings the node in and hears of others who come and go; the
// rest is in ClusterCoreDaemon.Gossip.cs and ClusterCoreDaemon.Leaving.cs.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster.Daemon;

internal sealed partial class ClusterCoreDaemon : ReceiveActor, IWithTimers
{
    private readonly Cluster _cluster;
    private readonly IActorRef _publisher;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CoordinatedShutdown _shutdown = CoordinatedShutdown.Get(Context.System);
    private MembershipState _state;
    private ImmutableList<Address> _seedNodes;
    private IActorRef _seedNodeProcess;
    private int _seedNodeProcesses;
    private long? _giveUpSeedNodesAt;

    public ClusterCoreDaemon(Cluster cluster, IActorRef publisher)
    {
        _cluster = cluster;
        _publisher = publisher;
        _state = new MembershipState(cluster.SelfUniqueAddress, Gossip.Empty);
        _seedNodes = cluster.Settings.SeedNodes;
        Uninitialized();
    }

    public ITimerScheduler Timers { get; set; }

    private UniqueAddress Me => _cluster.SelfUniqueAddress;

    protected override void PreStart()
    {
        var settings = _cluster.Settings;
        Tick(new GossipTick(), settings.GossipInterval);
        Tick(new ReapUnreachableTick(), settings.UnreachableNodesReaperInterval);
        Tick(new LeaderActionsTick(), settings.LeaderActionsInterval);
        Context.System.EventStream.Subscribe(Self, typeof(QuarantinedEvent));
        AddLeavingTasks();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _selfExiting.TrySetResult(Done.Instance);
    }

    protected override void Unhandled(object message)
    {
        // What others tell a node that is not, or no more, in their cluster is no news.
        if (message is not (ITick or GossipEnvelope or GossipStatus or ExitingConfirmed or Welcome or QuarantinedEvent)) base.Unhandled(message);
    }

    private static ActorSelection CoreOf(Address address) => Context.ActorSelection(new RootActorPath(address) / "system" / "cluster" / "core" / "daemon");

    private void Tick(ITick tick, TimeSpan interval)
    {
        var first = _cluster.Settings.PeriodicTasksInitialDelay;
        Timers.StartPeriodicTimer(tick, tick, first > interval ? first : interval, interval);
    }

    // --- Before this node is in a cluster ---

    /// <summary>The actors made here subscribe to the cluster at once, so they must not be made before there is one to subscribe to.</summary>
    private void Begin()
    {
        if (_cluster.DowningProvider.DowningActorProps is { } downing)
            Context.ActorOf(downing.Deploy.Dispatcher == Deploy.NoDispatcherGiven ? downing.WithDispatcher(Context.Props.Dispatcher) : downing, "downingProvider");
        if (_seedNodes.IsEmpty) _cluster.LogInfo("No seed-nodes configured, manual cluster join required");
        else Self.Tell(new JoinSeedNodes(_seedNodes));
    }

    private void Uninitialized()
    {
        Receive<Begin>(_ => Begin());
        Receive<InitJoin>(_ => NotYet());
        Receive<JoinTo>(join => Join(join.Address));
        Receive<JoinSeedNodes>(StartSeedNodes);
        Receive<ISubscriptionDirective>(_publisher.Forward);
        Receive<ITick>(_ => GaveUpSeedNodes());
        Receive<ExitingCompleted>(_ => CompleteExit());
    }

    private void TryingToJoin(Address with, long? retryAt)
    {
        Receive<Welcome>(welcome => BeWelcomed(with, welcome));
        Receive<InitJoin>(_ => NotYet());
        Receive<JoinTo>(join =>
        {
            BecomeUninitialized();
            Join(join.Address);
        });
        Receive<JoinSeedNodes>(StartSeedNodes);
        Receive<ISubscriptionDirective>(_publisher.Forward);
        Receive<ITick>(_ =>
        {
            if (GaveUpSeedNodes() || retryAt is not { } at || Environment.TickCount64 < at) return;
            BecomeUninitialized();
            if (_seedNodes.IsEmpty) Join(with);
            else AskSeedNodes(_seedNodes);
        });
        Receive<ExitingCompleted>(_ => CompleteExit());
    }

    private void Initialized()
    {
        Receive<GossipEnvelope>(Hear);
        Receive<GossipStatus>(Hear);
        Receive<GossipTick>(_ => SpreadGossip());
        Receive<GossipSpeedupTick>(_ => SpeedUp());
        Receive<ReapUnreachableTick>(_ => ReapUnreachable());
        Receive<LeaderActionsTick>(_ => LeaderActions());
        Receive<InitJoin>(_ => AnswerInitJoin());
        Receive<Join>(join => TakeIn(join.Node, join.Roles));
        Receive<Down>(down => DownMember(down.Address));
        Receive<Leave>(leave => LetLeave(leave.Address));
        Receive<ISubscriptionDirective>(_publisher.Forward);
        Receive<QuarantinedEvent>(quarantined => Terminate(new UniqueAddress(quarantined.Address, quarantined.Uid)));
        Receive<JoinTo>(join => _cluster.LogInfo("Trying to join [{0}] when already part of a cluster, ignoring", join.Address));
        Receive<JoinSeedNodes>(join =>
            _cluster.LogInfo("Trying to join seed nodes [{0}] when already part of a cluster, ignoring", string.Join(", ", join.SeedNodes)));
        Receive<ExitingConfirmed>(confirmed => NoteExit(confirmed.Node));
        Receive<ExitingCompleted>(_ => CompleteExit());
    }

    private void NotYet()
    {
        _cluster.LogInfo("Received InitJoin message from [{0}], but this node is not initialized yet", Sender.Path.Address);
        Sender.Tell(new InitJoinNack(_cluster.SelfAddress));
    }

    private void StartSeedNodes(JoinSeedNodes join)
    {
        _giveUpSeedNodesAt = _cluster.Settings.ShutdownAfterUnsuccessfulJoinSeedNodes is { } limit ? Environment.TickCount64 + (long)limit.TotalMilliseconds : null;
        BecomeUninitialized();
        AskSeedNodes(join.SeedNodes);
    }

    private void AskSeedNodes(ImmutableList<Address> seedNodes)
    {
        if (seedNodes.IsEmpty) return;
        _seedNodes = seedNodes;
        if (seedNodes.All(node => node == _cluster.SelfAddress))
        {
            Self.Tell(new JoinTo(_cluster.SelfAddress));
            return;
        }

        var name = ++_seedNodeProcesses;
        _seedNodeProcess = seedNodes[0] == _cluster.SelfAddress
            ? Context.ActorOf(Props.Create(() => new FirstSeedNodeProcess(_cluster, seedNodes)).WithDispatcher(Context.Props.Dispatcher), $"firstSeedNodeProcess-{name}")
            : Context.ActorOf(Props.Create(() => new JoinSeedNodeProcess(_cluster, seedNodes)).WithDispatcher(Context.Props.Dispatcher), $"joinSeedNodeProcess-{name}");
    }

    private bool GaveUpSeedNodes()
    {
        if (_giveUpSeedNodesAt is not { } limit || Environment.TickCount64 < limit) return false;
        _giveUpSeedNodesAt = null;
        _log.Warning(
            "Joining of seed-nodes [{0}] was unsuccessful after configured shutdown-after-unsuccessful-join-seed-nodes [{1}]. Running CoordinatedShutdown.",
            string.Join(", ", _seedNodes), _cluster.Settings.ShutdownAfterUnsuccessfulJoinSeedNodes);
        _shutdown.Run(CoordinatedShutdown.ClusterJoinUnsuccessfulReason.Instance);
        return true;
    }

    private void BecomeUninitialized()
    {
        StopSeedNodeProcess();
        Become(Uninitialized);
    }

    private void BecomeInitialized()
    {
        StopSeedNodeProcess();
        _giveUpSeedNodesAt = null;
        Context.ActorOf(Props.Create(() => new ClusterHeartbeatSender(_cluster)).WithDispatcher(Context.Props.Dispatcher), "heartbeatSender");
        Become(Initialized);
    }

    private void StopSeedNodeProcess()
    {
        if (_seedNodeProcess is not null) Context.Stop(_seedNodeProcess);
        _seedNodeProcess = null;
    }

    private void Join(Address address)
    {
        if (!IsOfThisSystem(address)) return;
        StopSeedNodeProcess();
        if (address == _cluster.SelfAddress)
        {
            BecomeInitialized();
            TakeIn(Me, _cluster.SelfRoles);
            return;
        }

        long? retryAt = _cluster.Settings.RetryUnsuccessfulJoinAfter is { } after ? Environment.TickCount64 + (long)after.TotalMilliseconds : null;
        Become(() => TryingToJoin(address, retryAt));
        CoreOf(address).Tell(new Join(Me, _cluster.SelfRoles));
    }

    private void BeWelcomed(Address with, Welcome welcome)
    {
        if (with != welcome.From.Address)
        {
            _cluster.LogInfo("Ignoring welcome from [{0}] when trying to join with [{1}]", welcome.From.Address, with);
            return;
        }

        if (!welcome.Gossip.Has(Me))
        {
            _log.Warning("Cluster Node [{0}] - Refused a welcome from [{1}] to a cluster that this node is not in", _cluster.SelfAddress, welcome.From.Address);
            return;
        }

        _cluster.LogInfo("Welcome from [{0}]", welcome.From.Address);
        _state = _state.With(welcome.Gossip).Signed();
        Publish();
        GossipTo(welcome.From, Sender);
        BecomeInitialized();
    }

    // --- Others who come, go, or are gone ---

    private void AnswerInitJoin()
    {
        var takesInNobody = _state.SelfMember.Status.IsOnItsWayOut();
        _cluster.LogInfo("Received InitJoin message from [{0}], answering {1}", Sender.Path.Address, takesInNobody ? "no" : "yes");
        if (takesInNobody) Sender.Tell(new InitJoinNack(_cluster.SelfAddress));
        else Sender.Tell(new InitJoinAck(_cluster.SelfAddress));
    }

    private void TakeIn(UniqueAddress node, ImmutableHashSet<string> roles)
    {
        if (!IsOfThisSystem(node.Address)) return;
        var known = _state.Gossip.Members.FirstOrDefault(member => member.Address == node.Address);
        var (outcome, next) = _state.Join(node, roles);
        var changed = !ReferenceEquals(next, _state);
        _state = next;
        switch (outcome)
        {
            case JoinOutcome.Refused:
                _cluster.LogInfo("Trying to join [{0}] to [{1}] member, ignoring. Use a member that is Up instead.", node, _state.SelfMember.Status);
                break;
            case JoinOutcome.Already:
                _cluster.LogInfo("Existing member [{0}] is joining again.", node);
                if (node != Me) Sender.Tell(new Welcome(Me, _state.Gossip));
                break;
            case JoinOutcome.NewIncarnation:
                _cluster.LogInfo(
                    "New incarnation of existing member [{0}] is trying to join. Existing will be removed from the cluster and then new member will be allowed to join.", known);
                break;
            case JoinOutcome.Added when node == Me:
                _cluster.LogInfo("Node [{0}] is JOINING itself (with roles [{1}]) and forming a new cluster", node.Address, string.Join(",", roles));
                LeaderActions();
                break;
            default:
                _cluster.LogInfo("Node [{0}] is JOINING, roles [{1}]", node.Address, string.Join(",", roles));
                _cluster.FailureDetector.Remove(node.Address);
                Sender.Tell(new Welcome(Me, _state.Gossip));
                break;
        }

        if (changed) Publish();
    }

    private void DownMember(Address address)
    {
        var next = _state.Down(address);
        if (ReferenceEquals(next, _state))
        {
            if (_state.Gossip.Members.All(member => member.Address != address)) _cluster.LogInfo("Ignoring down of unknown node [{0}]", address);
            return;
        }

        var member = _state.Gossip.Members.First(one => one.Address == address && one.Status != MemberStatus.Down).UniqueAddress;
        _cluster.LogInfo("Marking {0}node [{1}] as [Down]", _state.Gossip.Reachability.IsReachable(member) ? "" : "unreachable ", address);
        _state = next;
        Publish();
        // The others must hear of it even if this is the last that this node does.
        if (address == _cluster.SelfAddress) SpreadWidely();
        else GossipTo(member);
    }

    private void LetLeave(Address address)
    {
        var next = _state.Leave(address);
        if (ReferenceEquals(next, _state)) return;
        _state = next;
        _cluster.LogInfo("Marked address [{0}] as [Leaving]", address);
        Publish();
        SendGossip();
    }

    private void Terminate(UniqueAddress node)
    {
        var next = _state.Terminate(node);
        if (ReferenceEquals(next, _state)) return;
        _state = next;
        _log.Warning(
            "Cluster Node [{0}] - Marking node as TERMINATED [{1}], due to quarantine. It must still be marked as down before it's removed.", _cluster.SelfAddress, node.Address);
        Publish();
    }

    private bool IsOfThisSystem(Address address)
    {
        if (address.Protocol == _cluster.SelfAddress.Protocol && address.System == _cluster.SelfAddress.System) return true;
        _log.Warning(
            "Cluster Node [{0}] - Ignored the joining of [{1}]: a member's address has this node's protocol and system name", _cluster.SelfAddress, address);
        return false;
    }

    private void Publish() => _publisher.Tell(new PublishChanges(_state));
}
