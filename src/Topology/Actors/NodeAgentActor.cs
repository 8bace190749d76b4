// The agent of a node: it runs the Guests that the leader places here, repeats its reports until they are acknowledged, keeps the node's
// lease, and connects the node's lans with those of the others. It does not decide where Guests run.
//
//J:Host:130 The agent of a node
// An order of the leader may arrive twice, late, or from a leader that no longer leads. So orders carry a term, and Guests an incarnation,
// the number of times they have been started; the agent obeys the highest term and starts no incarnation twice. What it reports it repeats
// until the leader acknowledges it, because a message may be lost with the connection that carried it.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Lguest.Devices.Net;
using Lguest.Launcher;
using Lguest.Launcher.Actors;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Topology.Consoles;
using Lguest.Topology.Leading;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Topology.Actors;

/// <summary>One for each node, at /user/agent.</summary>
internal sealed partial class NodeAgentActor : TableActor, IWithTimers
{
    public const string Name = "agent";

    private const int StoppedExit = 1;
    private static readonly TimeSpan _resendAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _askAgain = TimeSpan.FromMilliseconds(50);

    private readonly TopologyFile _file;
    private readonly string _node;
    private readonly IActorRef _guests;
    private readonly LocalNodes _local;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, HostedGuest> _hosted = [];
    private readonly Dictionary<(string Guest, int Incarnation), GuestEnding> _endings = [];
    private readonly SortedSet<string> _missed = new(StringComparer.Ordinal);
    private readonly Queue<HostedGuest> _toBuild = [];
    private Ledger _ledger = Ledger.Empty;
    private IActorRef? _leader;
    private long _term;
    private TimeSpan? _echo;
    private TimeSpan _leaseUntil;
    private TimeSpan _resent;
    private bool _frozen;
    private IActorRef? _stopper;
    private object? _leaderCommand;

    /// <param name="file">The topology.</param>
    /// <param name="node">This node's name.</param>
    /// <param name="guests">The node's actor, which runs Guests.</param>
    /// <param name="local">Where consoles, events and the end go.</param>
    public NodeAgentActor(TopologyFile file, string node, IActorRef guests, LocalNodes local)
    {
        _file = file;
        _node = node;
        _guests = guests;
        _local = local;
        _guests.Tell(new NodeProtocol.Lease(0));
        var memory = local.MemoryOf(node);
        _ledger = memory.Ledger;
        _term = memory.Ledger.Term;
        foreach (var ending in memory.Endings)
            _endings[(ending.Guest, ending.Incarnation)] = ending;
        foreach (var (guest, incarnation) in memory.Running)
            _endings.TryAdd(
                (guest, incarnation), new GuestEnding(guest, incarnation, EndingKind.Lost, $"node {node} failed", GuestFigures.None));
        Remember();
        Receive<Tick>(_ => OnTick());
        Receive<AskAgain>(_ => Renew());
        Receive<TopologyProtocol.LeaseAnswer>(OnLease);
        Receive<TopologyProtocol.GetReport>(_ => Sender.Tell(new TopologyProtocol.Report(Report())));
        Receive<TopologyProtocol.Lead>(OnLead);
        Receive<TopologyProtocol.Share>(share => Keep(share.Ledger));
        Receive<TopologyProtocol.StartGuest>(start => IfCurrent(start.Term, () => Start(start)));
        Receive<TopologyProtocol.StopGuest>(stop => IfCurrent(stop.Term, () => Stop(stop)));
        Receive<TopologyProtocol.Noted>(noted => IfCurrent(noted.Term, () => Forget((noted.Guest, noted.Incarnation))));
        Receive<TopologyProtocol.MayLeave>(may => IfCurrent(may.Term, () => _local.Left(_node)));
        Receive<TopologyProtocol.Finish>(finish => IfCurrent(finish.Term, () => _local.Finish(_node, finish.ExitCode, finish.Ledger)));
        Receive<TopologyProtocol.StopAll>(PassToLeader);
        Receive<TopologyProtocol.Leave>(PassToLeader);
        Receive<TopologyProtocol.LanHere>(LanHere);
        Receive<Built>(OnBuilt);
        Receive<LauncherProtocol.GuestEnded>(Ended);
        Receive<StopNow>(_ => OnStopNow());
        Receive<ActorIdentity>(dma => LanFound(DmaLan, dma.Subject));
        Receive<ClusterEvent.MemberUp>(up => Meet(up.Member));
        Receive<ClusterEvent.MemberRemoved>(gone => MemberGone(gone.Member));
        Receive<ClusterEvent.UnreachableMember>(silent => Miss(silent.Member, isMissed: true));
        Receive<ClusterEvent.ReachableMember>(back => Miss(back.Member, isMissed: false));
        Receive<ClusterEvent.IClusterDomainEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _clock.Monotonic.Span;

    private TopologyDefinition Topology => _file.Topology;

    public static Props Props(TopologyFile file, string node, IActorRef guests, LocalNodes local) =>
        Akka.Actor.Props.Create(() => new NodeAgentActor(file, node, guests, local));

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer("tick", Tick.Instance, Topology.Cluster.RenewEvery);
        FindDma();
        OpenWaysOut();
        base.PreStart();
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        base.PostStop();
    }

    /// <summary>An agent that failed no longer knows which Guests run here, and would renew their lease while the leader starts them
    /// elsewhere. The node ends, and with it
    /// they; the program starts it again as a new one.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        _log.Error(reason, "the agent of node {0} failed; the node ends", _node);
        Context.System.Terminate();
        base.PreRestart(reason, message);
    }

    private NodeReport Report() => new(
        _node, _file.Digest, _term, _ledger, [.. _hosted.Values.Select(hosted => (hosted.Guest.Name, hosted.Incarnation))],
            [.. _endings.Values]);

    private void OnLead(TopologyProtocol.Lead lead)
    {
        if (lead.Term < _term || (lead.Term == _term && _leader is not null && !_leader.Equals(Sender)))
            return;
        if (!Sender.Equals(_leader))
            _echo = null;
        _leader = Sender;
        _term = lead.Term;
        Keep(lead.Ledger);
        Renew();
        TellLeader();
    }

    /// <summary>What the user wants of the leader. There may be none just now, or one who does not live to hear it: it is told until this
    /// node's work is over.</summary>
    private void PassToLeader(object command)
    {
        _leaderCommand = command;
        _leader?.Tell(command);
    }

    private void TellLeader()
    {
        foreach (var ending in _endings.Values)
            _leader?.Tell(new TopologyProtocol.Ended(_node, ending));
        if (_leaderCommand is not null)
            _leader?.Tell(_leaderCommand);
    }

    private void IfCurrent(long term, Action action)
    {
        if (term == _term && Sender.Equals(_leader))
            action();
    }

    private void Keep(Ledger ledger)
    {
        if (ledger.Term < _term || !ledger.IsNewerThan(_ledger))
            return;
        _ledger = ledger;
        Remember();
    }

    private void Forget((string Guest, int Incarnation) ending)
    {
        if (_endings.Remove(ending))
            Remember();
    }

    private void Miss(Member member, bool isMissed)
    {
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress) || TopologyActor.NameOf(member) is not { } node)
            return;
        if (isMissed)
            _missed.Add(node);
        else
            _missed.Remove(node);
        Remember();
    }

    private void Remember() =>
        _local.Remember(_node, new NodeMemory(
            _ledger, [.. _endings.Values.Where(ending => ending.Kind != EndingKind.Stopped)], [.. _missed])
        {
            Running = [.. _hosted.Values.Select(hosted => (hosted.Guest.Name, hosted.Incarnation))],
        });

    private void OnTick()
    {
        Renew();
        if (!_frozen && Now >= _leaseUntil && _hosted.Values.Any(IsKeptWaiting))
        {
            _frozen = true;
            _local.Say($"node {_node} has no lease: its Guests are paused");
        }

        if (Now - _resent < _resendAfter)
            return;
        _resent = Now;
        if (!_lans.ContainsKey(DmaLan))
            FindDma();
        TellTrunks();
        TellLeader();
        foreach (var other in _others.Values)
            TellLans(other);
    }

    /// <summary>A Guest that has just been put here goes on with the node's first lease, which is on its way.</summary>
    private bool IsKeptWaiting(HostedGuest hosted) => hosted.Runs
        && (_leaseUntil > TimeSpan.Zero || Now - hosted.Since >= Topology.Cluster.Lease);

    private void Renew() => _leader?.Tell(new TopologyProtocol.Renew(_node, Now, _echo));

    private void OnLease(TopologyProtocol.LeaseAnswer answer)
    {
        if (answer.Term != _term || !Sender.Equals(_leader))
            return;
        bool isFirst = _echo is null;
        if (_echo is null || answer.Reading > _echo)
            _echo = answer.Reading;
        if (!answer.Granted)
        {
            // A leader grants only while a majority's readings have come back. The first time our own is what it lacks, and then perhaps
            // those of others, who are about to send them: nobody need wait for the next tick.
            if (isFirst)
                Renew();
            else if (Now >= _leaseUntil)
                Timers.StartSingleTimer("ask again", AskAgain.Instance, _askAgain);
            return;
        }

        var until = answer.Asked + Topology.Cluster.Lease;
        if (until <= _leaseUntil)
            return;
        _leaseUntil = until;
        _guests.Tell(new NodeProtocol.Lease(Nanoseconds.Of(until)));
        if (_frozen && until > Now)
        {
            _frozen = false;
            _local.Say($"node {_node} has a lease again: its Guests run on");
        }
    }

    private void Stop(TopologyProtocol.StopGuest stop)
    {
        if (!_hosted.TryGetValue(stop.Guest, out var hosted) || hosted.Incarnation != stop.Incarnation || hosted.StoppedBy is not null)
            return;
        hosted.StoppedBy = stop.By;
        if (hosted.Runs)
            _guests.Tell(new NodeProtocol.StopGuest(new GuestId(stop.Guest), stop.By, StoppedExit));
    }

    private void Ended(LauncherProtocol.GuestEnded ended)
    {
        if (!_hosted.TryGetValue(ended.Guest.Value, out var hosted))
            return;
        var (kind, text) = ended.Outcome switch
        {
            GuestOutcome.PoweredOff => (EndingKind.PoweredOff, "powered off"),
            GuestOutcome.Exited exited => (EndingKind.PoweredOff, $"ended itself with exit code {exited.ExitCode}"),
            GuestOutcome.Died died => (EndingKind.Died, $"died: {died.Reason}"),
            GuestOutcome.Ended stopped => (EndingKind.Stopped, $"stopped by {stopped.By}"),
            _ => (EndingKind.Died, "ended"),
        };
        _local.Say($"{ended.Guest} on {_node} {text}");
        Close(hosted, new GuestEnding(ended.Guest.Value, hosted.Incarnation, kind, text, Figures(ended.Outcome.Statistics, ended.Traffic)));
    }

    private static GuestFigures Figures(GuestStatistics? counters, NetMetrics traffic) => counters is null ? GuestFigures.None
        : new GuestFigures(
        (long)counters.Instructions,
        counters.DirectHypercalls + counters.QueuedHypercalls,
        counters.PageFaults + counters.Traps,
        counters.Interrupts,
        traffic.FramesIn + traffic.FramesOut,
        traffic.BytesIn + traffic.BytesOut,
        traffic.Dropped,
        new Nanoseconds(counters.RunningNanoseconds).Span);

    private void Close(HostedGuest hosted, GuestEnding ending)
    {
        _hosted.Remove(ending.Guest);
        hosted.Output?.Close();
        _endings[(ending.Guest, ending.Incarnation)] = ending;
        Remember();
        _leader?.Tell(new TopologyProtocol.Ended(_node, ending));
        if (_hosted.Count == 0)
            _stopper?.Tell(Stopped.Instance);
    }

    /// <summary>The node goes down, whatever the leader thinks: its Guests must be gone before it.</summary>
    private void OnStopNow()
    {
        _stopper = Sender;
        if (_hosted.Count == 0)
            _stopper.Tell(Stopped.Instance);
        foreach (var hosted in _hosted.Values)
            hosted.StoppedBy ??= $"the end of node {_node}";
        _guests.Tell(new NodeProtocol.StopGuests($"the end of node {_node}", StoppedExit));
    }

    /// <summary>Ends all Guests of the node; answered by <see cref="Stopped"/>.</summary>
    public sealed record StopNow : INoSerializationVerificationNeeded
    {
        public static readonly StopNow Instance = new();
    }

    /// <summary>No Guest is left.</summary>
    public sealed record Stopped : INoSerializationVerificationNeeded
    {
        public static readonly Stopped Instance = new();
    }

    private sealed record AskAgain : INoSerializationVerificationNeeded
    {
        public static readonly AskAgain Instance = new();
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    /// <summary>A Guest that lives here.</summary>
    private sealed class HostedGuest(GuestDefinition guest, int incarnation, TimeSpan since)
    {
        public GuestDefinition Guest => guest;

        public int Incarnation => incarnation;

        public TimeSpan Since { get; set; } = since;

        public GuestConsole? Output { get; set; }

        public bool Runs { get; set; }

        public string? StoppedBy { get; set; }
    }
}
