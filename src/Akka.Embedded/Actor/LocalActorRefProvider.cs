// References within one process: makes the guardians, places actors on dispatchers, and resolves paths by walking the tree.

using Akka.Event;
using Akka.Serialization;
using Akka.Util;

namespace Akka.Actor;

public sealed class LocalActorRefProvider : IActorRefProvider
{
    private readonly EventStream _eventStream;
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RootActorPath _rootPath;
    private readonly ActorPath _tempNode;
    private RootGuardianActorRef _rootGuardian;
    private VirtualPathContainer _temp;
    private long _tempNumber;

    public LocalActorRefProvider(string systemName, Settings settings, EventStream eventStream)
        : this(systemName, settings, eventStream, null)
    {
    }

    public LocalActorRefProvider(string systemName, Settings settings, EventStream eventStream, Deployer deployer)
    {
        Settings = settings;
        _eventStream = eventStream;
        _rootPath = new RootActorPath(new Address("akka", systemName));
        _tempNode = _rootPath / "temp";
        Deployer = deployer ?? new Deployer(settings);
        DeadLetters = new DeadLetterActorRef(this, _rootPath / "deadLetters", eventStream);
    }

    public Settings Settings { get; }
    public Deployer Deployer { get; }
    public IActorRef DeadLetters { get; }
    public ActorPath RootPath => _rootPath;
    public Address DefaultAddress => _rootPath.Address;
    public IInternalActorRef RootGuardian => _rootGuardian;
    public LocalActorRef Guardian { get; private set; }
    public LocalActorRef SystemGuardian { get; private set; }
    public IInternalActorRef TempContainer => _temp;
    public Information SerializationInformation { get; private set; }
    public Task TerminationTask => _terminated.Task;

    public void Init(ActorSystemImpl system)
    {
        SerializationInformation = new Information(DefaultAddress, system);
        var dispatcher = system.Dispatchers.Lookup(Dispatch.Dispatchers.InternalDispatcherId);
        var above = new RootGuardianSupervisor(this, _rootPath, _terminated, _eventStream);
        var stopping = new OneForOneStrategy(_ => Directive.Stop);
        _rootGuardian = new RootGuardianActorRef(
            system, Props.Create(() => new RootGuardianActor()).WithSupervisorStrategy(stopping), dispatcher, above, _rootPath);
        _rootGuardian.Start();
        var strategy = SupervisorStrategyConfigurator.CreateConfigurator(Settings.SupervisorStrategyClass).Create();
        Guardian = (LocalActorRef)_rootGuardian.Cell.AttachNamed(
            Props.Create(() => new GuardianActor()).WithSupervisorStrategy(strategy).WithDispatcher(Dispatch.Dispatchers.InternalDispatcherId), "user");
        var user = Guardian;
        SystemGuardian = (LocalActorRef)_rootGuardian.Cell.AttachNamed(
            Props.Create(() => new SystemGuardianActor(user)).WithSupervisorStrategy(SupervisorStrategy.DefaultStrategy)
                .WithDispatcher(Dispatch.Dispatchers.InternalDispatcherId),
            "system");
        _temp = new VirtualPathContainer(this, _tempNode, _rootGuardian);
        _rootGuardian.AddName("temp", _temp);
        _rootGuardian.AddName("deadLetters", (IInternalActorRef)DeadLetters);
        // The root ends when "system" does; it hears of that as a watcher.
        SystemGuardian.SendSystemMessage(new Dispatch.SysMsg.Watch(SystemGuardian, _rootGuardian));
        _rootGuardian.Cell.ExpectTermination(SystemGuardian);
    }

    public IInternalActorRef ActorOf(ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path, bool systemService)
    {
        var configured = systemService ? null : Deployer.Lookup(path);
        var effective = configured is null ? props : props.WithDeploy(props.Deploy.WithFallback(configured));
        if (configured is not null && configured.Dispatcher != Deploy.NoDispatcherGiven) effective = effective.WithDispatcher(configured.Dispatcher);
        if (!system.Dispatchers.HasDispatcher(effective.Dispatcher))
            throw new Configuration.ConfigurationException($"Dispatcher [{effective.Dispatcher}] not configured for path {path}");
        return new LocalActorRef(system, effective, system.Dispatchers.Lookup(effective.Dispatcher), supervisor, path);
    }

    public IActorRef ResolveActorRef(string path) =>
        ActorPath.TryParse(path, out var actorPath) && actorPath.Address == _rootPath.Address ? ResolveActorRef(actorPath) : DeadLetters;

    public IActorRef ResolveActorRef(ActorPath actorPath) =>
        actorPath.Address != _rootPath.Address || actorPath.Depth == 0 ? DeadLetters : ResolveInTree(actorPath);

    /// <summary>As <see cref="ResolveActorRef(ActorPath)"/>, whatever the address: the caller knows that it means this system.</summary>
    internal IActorRef ResolveInTree(ActorPath actorPath)
    {
        if (actorPath.Depth == 0) return _rootGuardian;
        var found = _rootGuardian.GetChild(actorPath.ElementsWithUid);
        return found is Nobody ? new EmptyLocalActorRef(this, actorPath, _eventStream) : found;
    }

    public IActorRef RootGuardianAt(Address address) => address == _rootPath.Address ? _rootGuardian : DeadLetters;

    public Address GetExternalAddressFor(Address address) => address == _rootPath.Address ? address : null;

    public ActorPath TempPath() => _tempNode / ("$" + Base64Encoding.Base64Encode(Interlocked.Increment(ref _tempNumber)));

    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path)
    {
        if (!ReferenceEquals(path.Parent, _tempNode)) throw new InvalidOperationException("Cannot RegisterTempActor() with anything not obtained from TempPath()");
        _temp.Add(path.Name, actorRef);
    }

    public void UnregisterTempActor(ActorPath path)
    {
        if (!ReferenceEquals(path.Parent, _tempNode)) throw new InvalidOperationException("Cannot UnregisterTempActor() with anything not obtained from TempPath()");
        _temp.Remove(path.Name);
    }

    public FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs)
    {
        var reference = new FutureActorRef<T>(tcs, TempPath(), this);
        RegisterTempActor(reference, reference.Path);
        return reference;
    }
}
