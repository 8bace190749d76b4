// A node's membership, as its users see it: join, leave, down, look, listen. Everything here is a message to the cluster's actors, but for
// what is read from the last state that they have published.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Daemon;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

public class Cluster : IExtension
{
    private readonly ILoggingAdapter _log;
    private readonly IActorRef _daemon;
    private readonly IActorRef _core;
    private readonly Lazy<IDowningProvider> _downingProvider;
    private volatile ClusterEvent.CurrentClusterState _state = new();
    private Task _leaving;
    private int _terminated;

    public Cluster(ActorSystemImpl system)
    {
        System = system;
        if (system.Provider is not IClusterActorRefProvider provider)
            throw new ConfigurationException(
                $"ActorSystem {system} needs to have a 'IClusterActorRefProvider' enabled in the configuration, currently uses {system.Provider.GetType().FullName}");
        Settings = new ClusterSettings(system.Settings.Config, system.Name);
        SelfUniqueAddress = new UniqueAddress(provider.Transport.DefaultAddress, AddressUidExtension.Uid(system));
        _log = Logging.GetLogger(system, "Cluster");
        LogInfo("Starting up...");
        FailureDetector = new DefaultFailureDetectorRegistry<Address>(
            () => FailureDetectorLoader.Load(Settings.FailureDetectorImplementationClass, Settings.FailureDetectorConfig, system));
        _downingProvider = new Lazy<IDowningProvider>(() => Akka.Cluster.DowningProvider.Load(Settings.DowningProviderType, system, this));
        _daemon = system.SystemActorOf(Props.Create(() => new ClusterDaemon(this)).WithDispatcher(Settings.UseDispatcher).WithDeploy(Deploy.Local), "cluster");
        // A system that has been created can be joined: its seat is there before anybody can ask for it.
        _core = _daemon.Ask<IActorRef>(new GetClusterCore(), system.Settings.CreationTimeout).GetAwaiter().GetResult();
        _core.Tell(new Begin(), ActorRefs.NoSender);
        system.RegisterOnTermination(Shutdown);
        LogInfo("Started up successfully");
    }

    public ClusterSettings Settings { get; }
    public ExtendedActorSystem System { get; }

    /// <summary>This node, in this life of its system.</summary>
    public UniqueAddress SelfUniqueAddress { get; }

    public Address SelfAddress => SelfUniqueAddress.Address;
    public ImmutableHashSet<string> SelfRoles => Settings.Roles;

    /// <summary>The cluster as this node last saw it.</summary>
    public ClusterEvent.CurrentClusterState State => _state;

    /// <summary>This node as a member; removed when it is none.</summary>
    public Member SelfMember => _state.Members.FirstOrDefault(member => member.UniqueAddress == SelfUniqueAddress)
        ?? new Member(SelfUniqueAddress, int.MaxValue, MemberStatus.Removed, SelfRoles);

    public bool IsTerminated => Volatile.Read(ref _terminated) != 0;
    public bool IsUp => SelfMember.Status is MemberStatus.Up or MemberStatus.WeaklyUp;
    public DefaultFailureDetectorRegistry<Address> FailureDetector { get; }
    public IDowningProvider DowningProvider => _downingProvider.Value;

    public static Cluster Get(ActorSystem system) => system.WithExtension<Cluster, ClusterExtension>();

    /// <summary>Hears of events of the given types, which are <see cref="ClusterEvent.IClusterDomainEvent"/>s; the present state comes first, as a snapshot.</summary>
    public void Subscribe(IActorRef subscriber, params Type[] to) => Subscribe(subscriber, ClusterEvent.InitialStateAsSnapshot, to);

    public void Subscribe(IActorRef subscriber, ClusterEvent.SubscriptionInitialStateMode initialStateMode, params Type[] to)
    {
        if (to.Length == 0) throw new ArgumentException("At least one `IClusterDomainEvent` class is required", nameof(to));
        if (!to.All(typeof(ClusterEvent.IClusterDomainEvent).IsAssignableFrom))
            throw new ArgumentException($"Subscribe to `IClusterDomainEvent` or subclasses, was [{string.Join(", ", to.Select(type => type.Name))}]", nameof(to));
        _core.Tell(new Subscribe(subscriber, initialStateMode, [.. to]), ActorRefs.NoSender);
    }

    public void Unsubscribe(IActorRef subscriber) => Unsubscribe(subscriber, null);

    public void Unsubscribe(IActorRef subscriber, Type to) => _core.Tell(new Unsubscribe(subscriber, to), ActorRefs.NoSender);

    public void SendCurrentClusterState(IActorRef receiver) => _core.Tell(new SendCurrentClusterState(receiver), ActorRefs.NoSender);

    /// <summary>Asks that node to take this one in; its own address founds a cluster.</summary>
    public void Join(Address address) => _core.Tell(new JoinTo(FillLocal(address)), ActorRefs.NoSender);

    /// <summary>Completed when this node is up; fails with <see cref="ClusterJoinFailedException"/> when the token is cancelled before.</summary>
    public Task JoinAsync(Address address, CancellationToken token = default) => JoinThen(() => Join(address), address.ToString(), token);

    public void JoinSeedNodes(IEnumerable<Address> seedNodes) => _core.Tell(new JoinSeedNodes([.. seedNodes.Select(FillLocal)]), ActorRefs.NoSender);

    public Task JoinSeedNodesAsync(IEnumerable<Address> seedNodes, CancellationToken token = default)
    {
        var nodes = seedNodes.ToList();
        return JoinThen(() => JoinSeedNodes(nodes), string.Join(",", nodes), token);
    }

    /// <summary>Begins the orderly exit of a member.</summary>
    public void Leave(Address address)
    {
        if (FillLocal(address) == SelfAddress) LeaveAsync();
        else _core.Tell(new Leave(address), ActorRefs.NoSender);
    }

    /// <summary>Completed when this node is no member any more.</summary>
    public Task LeaveAsync()
    {
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _leaving, removed.Task, null) is { } already) return already;
        RegisterOnMemberRemoved(() => removed.TrySetResult());
        _core.Tell(new Leave(SelfAddress), ActorRefs.NoSender);
        return removed.Task;
    }

    public Task LeaveAsync(CancellationToken cancellationToken) => LeaveAsync().WaitAsync(cancellationToken);

    /// <summary>Declares a member dead.</summary>
    public void Down(Address address) => _core.Tell(new Down(FillLocal(address)), ActorRefs.NoSender);

    /// <summary>Called once this node is up; at once when it is.</summary>
    public void RegisterOnMemberUp(Action callback)
    {
        if (IsUp) callback();
        else _daemon.Tell(new AddOnMemberUpListener(callback), ActorRefs.NoSender);
    }

    /// <summary>Called once this node has been removed or its cluster shut down; at once when it has.</summary>
    public void RegisterOnMemberRemoved(Action callback)
    {
        if (IsTerminated) callback();
        else _daemon.Tell(new AddOnMemberRemovedListener(callback), ActorRefs.NoSender);
    }

    /// <summary>The path by which other nodes know an actor of this one.</summary>
    public ActorPath RemotePathOf(IActorRef actorRef) => actorRef.Path.Address.HasGlobalScope
        ? actorRef.Path
        : (new RootActorPath(SelfAddress) / actorRef.Path.Elements).WithUid(actorRef.Path.Uid);

    internal void Publish(ClusterEvent.CurrentClusterState state) => _state = state;

    /// <summary>Ends this node's membership at once, whatever the others think.</summary>
    internal void Shutdown()
    {
        if (Interlocked.Exchange(ref _terminated, 1) != 0) return;
        LogInfo("Shutting down...");
        System.Stop(_daemon);
    }

    internal void LogInfo(string template, params object[] arguments)
    {
        if (!Settings.LogInfo || !_log.IsInfoEnabled) return;
        _log.Info($"Cluster Node [{SelfAddress}] - {template}", arguments);
    }

    private Task JoinThen(Action join, string where, CancellationToken token)
    {
        if (IsTerminated) throw new ClusterJoinFailedException("Cluster has already been terminated");
        if (IsUp) return Task.CompletedTask;
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(() => up.TrySetException(new ClusterJoinFailedException($"Node has not managed to join the cluster using provided address: {where}")));
        RegisterOnMemberUp(() => up.TrySetResult());
        join();
        return up.Task;
    }

    private Address FillLocal(Address address) => address.HasLocalScope && address.System == SelfAddress.System ? SelfAddress : address;
}
