// Runs on every node and keeps the singleton on the oldest one: never two, and after a hand-over or a death always one again. Each state is a
// behaviour; what a state does not name is not its business. The bookkeeping common to all states is in ClusterSingletonManager.Removals.cs.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

public sealed partial class ClusterSingletonManager : ReceiveActor, IWithTimers
{
    private const string HandOverTimer = "hand-over-retry";
    private const string TakeOverTimer = "take-over-retry";

    private readonly Props _singletonProps;
    private readonly object _terminationMessage;
    private readonly ClusterSingletonManagerSettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly int _maxHandOverRetries;
    private readonly int _maxTakeOverRetries;
    private readonly TimeSpan _removalMargin;
    private IActorRef _changes;
    private IActorRef _singleton;
    private string _stateName = "Start";
    private bool _selfExited;

    public ClusterSingletonManager(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings)
    {
        if (!string.IsNullOrEmpty(settings.Role) && !_cluster.SelfRoles.Contains(settings.Role))
            throw new ArgumentException($"This cluster member [{_cluster.SelfAddress}] doesn't have the role [{settings.Role}]", nameof(settings));
        _singletonProps = singletonProps;
        _terminationMessage = terminationMessage;
        _settings = settings;
        _removalMargin = settings.RemovalMargin > TimeSpan.Zero ? settings.RemovalMargin : _cluster.DowningProvider.DownRemovalMargin;
        var atLeast = Context.System.Settings.Config.GetInt("akka.cluster.singleton.min-number-of-hand-over-retries");
        if (atLeast < 1) throw new ConfigurationException("min-number-of-hand-over-retries must be >= 1");
        _maxHandOverRetries = Math.Max(atLeast, (int)(_removalMargin / settings.HandOverRetryInterval) + 3);
        _maxTakeOverRetries = Math.Max(1, _maxHandOverRetries - 3);
        Starting();
    }

    public ITimerScheduler Timers { get; set; }

    private UniqueAddress Me => _cluster.SelfUniqueAddress;

    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource("Akka.Cluster.Tools.Singleton.reference.conf", typeof(ClusterSingletonManager).Assembly);

    public static Props Props(Props singletonProps, ClusterSingletonManagerSettings settings) => Props(singletonProps, PoisonPill.Instance, settings);

    /// <param name="singletonProps">What the singleton is.</param>
    /// <param name="terminationMessage">Sent to it when it has to go; it then stops itself, in its own time.</param>
    /// <param name="settings">Its name, its role and the pace of hand-over.</param>
    public static Props Props(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings) =>
        Actor.Props.Create(() => new ClusterSingletonManager(singletonProps, terminationMessage, settings))
            .WithDispatcher(Dispatchers.InternalDispatcherId)
            .WithDeploy(Deploy.Local);

    // --- Start: not up yet ---

    private void Starting()
    {
        Receive<StartOldestChangedBuffer>(_ =>
        {
            var role = _settings.Role;
            _changes = Context.ActorOf(Actor.Props.Create(() => new OldestChangedBuffer(role)).WithDispatcher(Context.Props.Dispatcher));
            _changes.Tell(new GetNext());
        });
        Receive<InitialOldestState>(initial =>
        {
            var others = initial.Oldest.Remove(Me);
            if (initial.Oldest.FirstOrDefault() != Me) GoToYounger(others);
            else if (initial.SafeToBeOldest) GoToOldest();
            else GoToBecomingOldest(others);
        });
        Receive<HandOverToMe>(_ => { });
        InEveryState();
    }

    // --- Younger: somebody else has it ---

    private void GoToYounger(ImmutableList<UniqueAddress> older)
    {
        Enter("Younger", () => Younger(older));
        AskForChange();
        StopIfRemoved();
    }

    private void Younger(ImmutableList<UniqueAddress> older)
    {
        Receive<OldestChanged>(change =>
        {
            if (change.NewOldest != Me)
            {
                if (change.NewOldest is { } oldest && !older.Contains(oldest)) Become(() => Younger(older.Insert(0, oldest)));
                AskForChange();
                return;
            }

            _log.Info("Younger observed OldestChanged: [{0} -> myself]", change.PreviousOldest?.Address);
            if (older.All(_removed.ContainsKey))
            {
                GoToOldest();
                return;
            }

            var before = change.PreviousOldest is { } previous ? older.Remove(previous).Insert(0, previous) : older;
            Peer(before[0].Address).Tell(new HandOverToMe());
            GoToBecomingOldest(before);
        });
        Receive<ClusterEvent.MemberRemoved>(removed => AfterMargin(removed.Member));
        Receive<DelayedMemberRemoved>(removed =>
        {
            NoteRemoved(removed.Member.UniqueAddress);
            Become(() => Younger(older.Remove(removed.Member.UniqueAddress)));
        });
        Receive<HandOverToMe>(_ =>
        {
            // It may be that this node asked for the singleton itself, and goes before it got it: then the other must not think there was one.
            if (_cluster.SelfMember.Status is MemberStatus.Leaving or MemberStatus.Exiting)
                _log.Info("Ignoring HandOverToMe in Younger from [{0}] because self is [{1}].", Sender.Path.Address, _cluster.SelfMember.Status);
            else
                Sender.Tell(new HandOverDone());
        });
        InEveryState();
    }

    // --- BecomingOldest: it is ours as soon as the previous ones have let go ---

    private void GoToBecomingOldest(ImmutableList<UniqueAddress> previous)
    {
        Enter("BecomingOldest", () => BecomingOldest(previous));
        Timers.StartSingleTimer(HandOverTimer, new HandOverRetry(1), _settings.HandOverRetryInterval);
    }

    private void BecomingOldest(ImmutableList<UniqueAddress> previous)
    {
        Receive<HandOverInProgress>(_ =>
        {
            _log.Info("Hand-over in progress at [{0}]", Sender.Path.Address);
            Timers.Cancel(HandOverTimer);
        });
        Receive<HandOverDone>(_ =>
        {
            if (previous.FirstOrDefault()?.Address == Sender.Path.Address) GoToOldest();
            else _log.Info("Ignoring HandOverDone in BecomingOldest from [{0}]. Expected previous oldest [{1}]", Sender.Path.Address, previous.FirstOrDefault()?.Address);
        });
        Receive<ClusterEvent.MemberRemoved>(removed => AfterMargin(removed.Member));
        Receive<DelayedMemberRemoved>(removed =>
        {
            NoteRemoved(removed.Member.UniqueAddress);
            if (_cluster.IsTerminated) return;
            if (previous.Contains(removed.Member.UniqueAddress) && previous.All(_removed.ContainsKey)) GoToOldest();
            else Become(() => BecomingOldest(previous.Remove(removed.Member.UniqueAddress)));
        });
        Receive<TakeOverFromMe>(_ => BeOfferedTakeOver(previous));
        Receive<HandOverRetry>(retry => RetryHandOver(previous, retry.Count));
        InEveryState();
    }

    private void BeOfferedTakeOver(ImmutableList<UniqueAddress> previous)
    {
        var sender = _cluster.State.Members.FirstOrDefault(member => member.Address == Sender.Path.Address)?.UniqueAddress;
        if (sender is null)
        {
            _log.Info("Ignoring TakeOver request from unknown node in BecomingOldest from [{0}]", Sender.Path.Address);
            return;
        }

        if (previous.IsEmpty) Become(() => BecomingOldest([sender]));
        else if (previous[0] != sender)
        {
            _log.Info("Ignoring TakeOver request in BecomingOldest from [{0}]. Expected previous oldest [{1}]", Sender.Path.Address, previous[0].Address);
            return;
        }

        Sender.Tell(new HandOverToMe());
    }

    private void RetryHandOver(ImmutableList<UniqueAddress> previous, int count)
    {
        if (count <= _maxHandOverRetries)
        {
            _log.Info("Retry [{0}], sending HandOverToMe to [{1}]", count, previous.FirstOrDefault()?.Address);
            if (!previous.IsEmpty) Peer(previous[0].Address).Tell(new HandOverToMe());
            Timers.StartSingleTimer(HandOverTimer, new HandOverRetry(count + 1), _settings.HandOverRetryInterval);
        }
        else if (!previous.IsEmpty && previous.All(_removed.ContainsKey))
        {
            _log.Info("Timeout in BecomingOldest. Previous oldest unknown, removed and no TakeOver request.");
            GoToOldest();
        }
        else if (_cluster.IsTerminated)
        {
            Context.Stop(Self);
        }
        else
        {
            throw new ClusterSingletonManagerIsStuckException(
                $"Becoming singleton oldest was stuck because previous oldest [{previous.FirstOrDefault()}] is unresponsive");
        }
    }

    // --- Oldest: it is here ---

    private void GoToOldest()
    {
        _singleton = Context.Watch(Context.ActorOf(_singletonProps, _settings.SingletonName));
        _log.Info("Singleton manager started singleton actor [{0}]", _singleton.Path);
        Enter("Oldest", Oldest);
        AskForChange();
    }

    private void Oldest()
    {
        Receive<OldestChanged>(change =>
        {
            _log.Info("Oldest observed OldestChanged: [{0} -> {1}]", _cluster.SelfAddress, change.NewOldest?.Address);
            if (change.NewOldest == Me)
            {
                AskForChange();
            }
            else if (change.NewOldest is { } next && !_selfExited && _removed.ContainsKey(next))
            {
                // A member removed and not known to us as such until now: this can only be the other side of a split, and it has lost.
                GoToHandingOver(null);
            }
            else
            {
                if (change.NewOldest is { } heir) Peer(heir.Address).Tell(new TakeOverFromMe());
                GoToWasOldest(change.NewOldest);
            }
        });
        Receive<HandOverToMe>(_ => GoToHandingOver(Sender));
        Receive<TakeOverFromMe>(_ => Sender.Tell(new HandOverToMe()));
        Receive<HandOverDone>(_ => { });
        InEveryState();
    }

    // --- WasOldest: somebody else should take it ---

    private void GoToWasOldest(UniqueAddress heir)
    {
        Enter("WasOldest", () => WasOldest(heir));
        Timers.StartSingleTimer(TakeOverTimer, new TakeOverRetry(1), _settings.HandOverRetryInterval);
    }

    private void WasOldest(UniqueAddress heir)
    {
        Receive<TakeOverRetry>(retry =>
        {
            if ((_cluster.IsTerminated || _selfExited) && (heir is null || retry.Count > _maxTakeOverRetries))
            {
                GoToStopping();
                return;
            }

            if (retry.Count > _maxTakeOverRetries) throw new ClusterSingletonManagerIsStuckException($"Expected hand-over to [{heir}] never occurred");
            _log.Debug("Retry [{0}], sending TakeOverFromMe to [{1}]", retry.Count, heir?.Address);
            if (heir is not null) Peer(heir.Address).Tell(new TakeOverFromMe());
            Timers.StartSingleTimer(TakeOverTimer, new TakeOverRetry(retry.Count + 1), _settings.HandOverRetryInterval);
        });
        Receive<HandOverToMe>(_ => GoToHandingOver(Sender));
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            if (_selfExited || removed.Member.UniqueAddress != heir) return;
            NoteRemoved(heir);
            GoToHandingOver(null);
        });
        InEveryState();
    }

    // --- HandingOver: it is stopping, somebody waits for it ---

    private void GoToHandingOver(IActorRef to)
    {
        if (_singleton is null)
        {
            HandOverIsDone(to);
            return;
        }

        to?.Tell(new HandOverInProgress());
        StopSingleton();
        Enter("HandingOver", () => HandingOver(to));
    }

    private void HandingOver(IActorRef to)
    {
        Receive<Terminated>(_ => HandOverIsDone(to), terminated => terminated.ActorRef.Equals(_singleton));
        Receive<HandOverToMe>(_ => Sender.Tell(new HandOverInProgress()), _ => Sender.Equals(to));
        InEveryState();
    }

    private void HandOverIsDone(IActorRef to)
    {
        _singleton = null;
        _log.Info("Singleton terminated, hand-over done [{0} -> {1}]", _cluster.SelfAddress, to?.Path.Address);
        to?.Tell(new HandOverDone());
        _memberExiting.TrySetResult(Done.Instance);
        if (StopIfRemoved()) return;
        if (to is null) GoToYounger([]);
        else Enter("End", End);
    }

    // --- Stopping: it goes, and so does the manager ---

    private void GoToStopping()
    {
        if (_singleton is null)
        {
            Context.Stop(Self);
            return;
        }

        StopSingleton();
        Enter("Stopping", Stopping);
    }

    private void Stopping()
    {
        Receive<Terminated>(_ => Context.Stop(Self), terminated => terminated.ActorRef.Equals(_singleton));
        InEveryState();
    }

    // --- End: it has been handed over; the node is on its way out ---

    private void End()
    {
        Receive<OldestChanged>(_ => { });
        Receive<HandOverToMe>(_ => { });
        InEveryState();
    }

    private void StopSingleton()
    {
        _log.Info("Singleton manager stopping singleton actor [{0}]", _singleton.Path);
        _singleton.Tell(_terminationMessage);
    }

    private void Enter(string name, Action state)
    {
        _log.Info("ClusterSingletonManager state change [{0} -> {1}]", _stateName, name);
        Timers.Cancel(HandOverTimer);
        Timers.Cancel(TakeOverTimer);
        _stateName = name;
        Become(state);
    }

    private ActorSelection Peer(Address at) => Context.ActorSelection(Self.Path.ToStringWithAddress(at));
}

/// <summary>A hand-over was not answered in all the time that it should take; the manager starts from a clean state.</summary>
public sealed class ClusterSingletonManagerIsStuckException(string message) : AkkaException(message);
