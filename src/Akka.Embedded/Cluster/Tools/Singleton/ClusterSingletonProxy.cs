// Stands for the singleton wherever it is: finds it at the oldest member, forwards to it, and keeps messages while nobody knows where it is.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

public sealed class ClusterSingletonProxy : ReceiveActor, IWithTimers
{
    private readonly ClusterSingletonProxySettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Queue<(object Message, IActorRef Sender)> _buffer = new();
    private readonly string[] _path;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ImmutableSortedSet<Member> _byAge = ImmutableSortedSet.Create(Member.AgeOrdering);
    private IActorRef _singleton;
    private int _search;

    public ClusterSingletonProxy(string singletonManagerPath, ClusterSingletonProxySettings settings)
    {
        _settings = settings;
        _path = [.. singletonManagerPath.Split('/', StringSplitOptions.RemoveEmptyEntries), settings.SingletonName];
        Receive<ClusterEvent.CurrentClusterState>(state => Change(() =>
            _byAge = state.Members.Where(member => member.Status == MemberStatus.Up && HasRole(member)).ToImmutableSortedSet(Member.AgeOrdering)));
        Receive<ClusterEvent.MemberUp>(change =>
        {
            if (HasRole(change.Member)) Change(() => _byAge = Without(change.Member).Add(change.Member));
        });
        Receive<ClusterEvent.MemberExited>(change => Change(() => _byAge = Without(change.Member)));
        Receive<ClusterEvent.MemberRemoved>(change =>
        {
            if (change.Member.UniqueAddress == _cluster.SelfUniqueAddress) Context.Stop(Self);
            else Change(() => _byAge = Without(change.Member));
        });
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<ActorIdentity>(Identified);
        Receive<TryToIdentifySingleton>(_ => Identify());
        Receive<Terminated>(terminated =>
        {
            if (terminated.ActorRef.Equals(_singleton)) Search();
        });
        ReceiveAny(Pass);
    }

    public ITimerScheduler Timers { get; set; }

    private string SearchId => $"identify-singleton-{string.Join('/', _path)}{_search}";

    public static Config DefaultConfig() => ClusterSingletonManager.DefaultConfig();

    /// <param name="singletonManagerPath">The manager's path without address, the same on all nodes: "/user/singleton".</param>
    /// <param name="settings">Where to look and what to keep.</param>
    public static Props Props(string singletonManagerPath, ClusterSingletonProxySettings settings) =>
        Actor.Props.Create(() => new ClusterSingletonProxy(singletonManagerPath, settings))
            .WithDispatcher(Dispatchers.InternalDispatcherId)
            .WithDeploy(Deploy.Local);

    protected override void PreStart() => _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private bool HasRole(Member member) => string.IsNullOrEmpty(_settings.Role) || member.HasRole(_settings.Role);

    private ImmutableSortedSet<Member> Without(Member member) => _byAge.Except(_byAge.Where(one => one.Equals(member)));

    private void Change(Action change)
    {
        var before = _byAge.FirstOrDefault();
        change();
        if (!Equals(before, _byAge.FirstOrDefault())) Search();
    }

    private void Search()
    {
        _search++;
        _singleton = null;
        Timers.StartPeriodicTimer(TryToIdentifySingleton.Instance, TryToIdentifySingleton.Instance, TimeSpan.Zero, _settings.SingletonIdentificationInterval);
    }

    private void Identify()
    {
        if (_byAge.IsEmpty) return;
        var path = new RootActorPath(_byAge[0].Address) / _path;
        _log.Debug("Trying to identify singleton at [{0}]", path);
        Context.ActorSelection(path).Tell(new Identify(SearchId));
    }

    private void Identified(ActorIdentity identity)
    {
        // An answer to an earlier search may name a singleton that has moved since.
        if (identity.Subject is not { } found || !SearchId.Equals(identity.MessageId)) return;
        _log.Info("Singleton identified at [{0}]", found.Path);
        _singleton = found;
        Context.Watch(found);
        Timers.Cancel(TryToIdentifySingleton.Instance);
        while (_buffer.TryDequeue(out var kept)) found.Tell(kept.Message, kept.Sender);
    }

    private void Pass(object message)
    {
        if (_singleton is not null)
        {
            _singleton.Forward(message);
            return;
        }

        if (_settings.BufferSize == 0)
        {
            _log.Debug("Singleton not available and buffering is disabled, dropping message [{0}]", message.GetType());
            return;
        }

        if (_buffer.Count == _settings.BufferSize)
        {
            _log.Debug("Singleton not available, buffer is full, dropping first message [{0}]", _buffer.Peek().Message.GetType());
            _buffer.Dequeue();
        }

        _buffer.Enqueue((message, Sender));
    }

    /// <summary>Time to look again.</summary>
    private sealed class TryToIdentifySingleton : INoSerializationVerificationNeeded
    {
        internal static readonly TryToIdentifySingleton Instance = new();
    }
}
