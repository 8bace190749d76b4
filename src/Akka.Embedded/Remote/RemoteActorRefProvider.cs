// The provider of a system that can be reached: stands before the local one, and makes references to other systems.

using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>Named by <c>akka.actor.provider = remote</c>; the cluster's provider derives from it.</summary>
public class RemoteActorRefProvider : IRemoteActorRefProvider
{
    private readonly LocalActorRefProvider _local;
    private readonly EventStream _eventStream;
    private ActorSystemImpl _system;
    private Remoting _remoting;
    private Information _information;

    public RemoteActorRefProvider(string systemName, Settings settings, EventStream eventStream)
    {
        settings.InjectTopLevelFallback(ReferenceConfig.Value);
        _eventStream = eventStream;
        _local = new LocalActorRefProvider(systemName, settings, eventStream);
        RemoteSettings = new RemoteSettings(settings.Config);
        Deployer = _local.Deployer;
    }

    public IInternalActorRef RootGuardian => _local.RootGuardian;
    public LocalActorRef Guardian => _local.Guardian;
    public LocalActorRef SystemGuardian => _local.SystemGuardian;
    public IActorRef DeadLetters => _local.DeadLetters;
    public IInternalActorRef TempContainer => _local.TempContainer;
    public ActorPath RootPath => _local.RootPath;
    public Settings Settings => _local.Settings;
    public Deployer Deployer { get; protected set; }
    public RemoteSettings RemoteSettings { get; }
    public RemoteTransport Transport => _remoting;
    public IActorRef RemoteWatcher { get; private set; }

    /// <summary>Null until the transport listens.</summary>
    public Address DefaultAddress => _remoting?.DefaultAddress;

    public Information SerializationInformation =>
        _information ?? (DefaultAddress is { } address ? _information = new Information(address, _system) : _local.SerializationInformation);

    public Task TerminationTask => _local.TerminationTask;

    private static Lazy<Config> ReferenceConfig { get; } =
        new(() => ConfigurationFactory.FromResource("Akka.Remote.Remote.conf", typeof(RemoteActorRefProvider).Assembly));

    public virtual void Init(ActorSystemImpl system)
    {
        _system = system;
        _local.Init(system);
        _remoting = new Remoting(system, this);
        system.SystemActorOf(RemoteSettings.ConfigureDispatcher(Props.Create(() => new RemotingTerminator(_remoting, _local.SystemGuardian))), "remoting-terminator");
        _remoting.Start();
        RemoteWatcher = CreateRemoteWatcher(system);
    }

    public IInternalActorRef ActorOf(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path, bool systemService) =>
        _local.ActorOf(system, props, supervisor, path, systemService);

    public bool HasAddress(Address address) => RootPath.Address == address || (_remoting is { } remoting && remoting.Addresses.Contains(address));

    public IActorRef RootGuardianAt(Address address) =>
        HasAddress(address) ? RootGuardian : ResolveRemote(new RootActorPath(address));

    public IActorRef ResolveActorRef(string path)
    {
        if (string.IsNullOrEmpty(path)) return ActorRefs.NoSender;
        return ActorPath.TryParse(path, out var actorPath) ? ResolveActorRef(actorPath) : DeadLetters;
    }

    public IActorRef ResolveActorRef(ActorPath actorPath) => HasAddress(actorPath.Address) ? _local.ResolveInTree(actorPath) : ResolveRemote(actorPath);

    public Address GetExternalAddressFor(Address address)
    {
        if (HasAddress(address)) return RootPath.Address;
        return address.HasGlobalScope && address.Port is not null && address.Protocol == DefaultAddress?.Protocol ? DefaultAddress : null;
    }

    public ActorPath TempPath() => _local.TempPath();
    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path) => _local.RegisterTempActor(actorRef, path);
    public void UnregisterTempActor(ActorPath path) => _local.UnregisterTempActor(path);
    public FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs) => _local.CreateFutureRef(tcs);
    public void Quarantine(Address address, int? uid) => Transport.Quarantine(address, uid);

    /// <summary>The actor that watches, for all of this system, those of others. The cluster has one of its own.</summary>
    protected virtual IActorRef CreateRemoteWatcher(ActorSystemImpl system)
    {
        var failureDetector = CreateRemoteWatcherFailureDetector(system);
        return system.SystemActorOf(
            RemoteSettings.ConfigureDispatcher(Remote.RemoteWatcher.Props(
                failureDetector,
                RemoteSettings.WatchHeartBeatInterval,
                RemoteSettings.WatchUnreachableReaperInterval,
                RemoteSettings.WatchHeartbeatExpectedResponseAfter)),
            "remote-watcher");
    }

    protected DefaultFailureDetectorRegistry<Address> CreateRemoteWatcherFailureDetector(ActorSystem system) =>
        new(() => FailureDetectorLoader.Load(
            RemoteSettings.WatchFailureDetectorImplementationClass, RemoteSettings.WatchFailureDetectorConfig, system));

    private IActorRef ResolveRemote(ActorPath path)
    {
        if (path.Address.HasLocalScope || path.Address.Port is null || path.Address.Protocol != _remoting.Tcp.Scheme)
            return new EmptyLocalActorRef(this, path, _eventStream);
        return new RemoteActorRef(_remoting, DefaultAddress, path);
    }
}
