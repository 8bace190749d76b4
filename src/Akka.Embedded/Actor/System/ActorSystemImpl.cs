// Puts a system together, in the order in which the parts need each other, and takes it apart again in the opposite one.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

public sealed class ActorSystemImpl : ExtendedActorSystem
{
    private readonly ConcurrentDictionary<Type, Lazy<object>> _extensions = new();
    private readonly Stopwatch _uptime = Stopwatch.StartNew();
    private readonly EventStream _eventStream;
    private readonly IScheduler _scheduler;
    private readonly ILoggingAdapter _log;
    private readonly TerminationCallbacks _terminationCallbacks;
    private Serialization.Serialization _serialization;
    private int _finalTerminate;

    internal ActorSystemImpl(string name, Config config)
    {
        Name = name;
        Settings = new Settings(this, config);
        _eventStream = new EventStream(Settings.DebugEventStream);
        _eventStream.StartStdoutLogger(Settings);
        _log = new BusLogging(_eventStream, $"ActorSystem({name})", typeof(ActorSystem), Settings.LogFormatter);
        _scheduler = CreateScheduler();
        Provider = CreateProvider();
        Dispatchers = new Dispatchers(this, new DefaultDispatcherPrerequisites(_eventStream, _scheduler, Settings));
        _terminationCallbacks = new TerminationCallbacks(Provider.TerminationTask);
    }

    public override string Name { get; }
    public override Settings Settings { get; }
    public override IScheduler Scheduler => _scheduler;
    public override EventStream EventStream => _eventStream;
    public override IActorRef DeadLetters => Provider.DeadLetters;
    public override Dispatchers Dispatchers { get; }
    public override ILoggingAdapter Log => _log;
    public override Serialization.Serialization Serialization => _serialization;
    public override TimeSpan Uptime => _uptime.Elapsed;
    public override DateTimeOffset StartTimeUtc { get; } = DateTimeOffset.UtcNow;
    public override Task WhenTerminated => _terminationCallbacks.TerminationTask;
    public override IActorRefProvider Provider { get; }
    public override IInternalActorRef Guardian => Provider.Guardian;
    public override IInternalActorRef LookupRoot => Provider.RootGuardian;
    public override IInternalActorRef SystemGuardian => Provider.SystemGuardian;

    internal void Start()
    {
        try
        {
            RegisterOnTermination(StopScheduler);
            RegisterOnTermination(() => Dispatchers.ShutdownAll());
            _serialization = new Serialization.Serialization(this);
            Provider.Init(this);
            _eventStream.StartUnsubscriber(this);
            _eventStream.StartDefaultLoggers(this);
            if (Settings.LogDeadLetters > 0) SystemActorOf(Props.Create(() => new DeadLetterListener()), "deadLetterListener");
            LoadExtensions();
            if (Settings.LogConfigOnStart) _log.Info(Settings.ToString());
        }
        catch (Exception)
        {
            // A half-built system must not leave threads behind; the caller learns the cause.
            StopScheduler();
            Dispatchers.ShutdownAll();
            throw;
        }
    }

    public override IActorRef ActorOf(Props props, string name = null) => Provider.Guardian.Cell.AttachChild(props, false, name);

    public override IActorRef SystemActorOf(Props props, string name = null) => Provider.SystemGuardian.Cell.AttachChild(props, true, name);

    public override IActorRef SystemActorOf<TActor>(string name = null) => SystemActorOf(Props.Create<TActor>(), name);

    public override ActorSelection ActorSelection(ActorPath actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, this);

    public override ActorSelection ActorSelection(string actorPath) =>
        ActorRefFactoryShared.ActorSelection(actorPath, this, Provider.RootGuardian);

    public override void Stop(IActorRef actor)
    {
        var parent = actor.Path.Parent;
        if (parent == Provider.Guardian.Path) Provider.Guardian.Tell(new StopChild(actor), ActorRefs.NoSender);
        else if (parent == Provider.SystemGuardian.Path) Provider.SystemGuardian.Tell(new StopChild(actor), ActorRefs.NoSender);
        else ((IInternalActorRef)actor).Stop();
    }

    public override Task Terminate()
    {
        if (Settings.CoordinatedShutdownRunByActorSystemTerminate)
            CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        else FinalTerminate();
        return WhenTerminated;
    }

    public override void Abort() => FinalTerminate();

    internal void FinalTerminate()
    {
        if (Interlocked.Exchange(ref _finalTerminate, 1) != 0) return;
        _log.Debug("System shutdown initiated");
        if (!Settings.LogDeadLettersDuringShutdown) _eventStream.Publish(DeadLetterListener.Stop.Instance);
        Provider.Guardian.Stop();
    }

    internal bool IsTerminating => Volatile.Read(ref _finalTerminate) != 0;

    public override void RegisterOnTermination(Action code) => _terminationCallbacks.Add(code);

    public override object RegisterExtension(IExtensionId extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        return _extensions.GetOrAdd(extension.ExtensionType, _ => new Lazy<object>(() => extension.CreateExtension(this))).Value;
    }

    public override object GetExtension(IExtensionId extension)
    {
        TryGetExtension(extension.ExtensionType, out var found);
        return found;
    }

    public override T GetExtension<T>()
    {
        TryGetExtension<T>(out var found);
        return found;
    }

    public override bool HasExtension(Type type) => typeof(IExtension).IsAssignableFrom(type) && _extensions.ContainsKey(type);

    public override bool HasExtension<T>() => _extensions.ContainsKey(typeof(T));

    public override bool TryGetExtension(Type extensionType, out object extension)
    {
        var found = _extensions.TryGetValue(extensionType, out var lazy);
        extension = found ? lazy.Value : null;
        return found;
    }

    public override bool TryGetExtension<T>(out T extension)
    {
        var found = TryGetExtension(typeof(T), out var value);
        extension = (T)value;
        return found;
    }

    public override string ToString() => LookupRoot.Path.Root.Address.ToString();

    private IScheduler CreateScheduler()
    {
        var type = TypeResolver.Find(Settings.SchedulerClass)
            ?? throw new ConfigurationException($"Could not find scheduler [{Settings.SchedulerClass}] (akka.scheduler.implementation)");
        return (IScheduler)Activator.CreateInstance(type, Settings.Config.GetConfig("akka.scheduler"), _log);
    }

    private IActorRefProvider CreateProvider()
    {
        var type = TypeResolver.Find(Settings.ProviderClass)
            ?? throw new ConfigurationException($"Could not find actor ref provider [{Settings.ProviderClass}] (akka.actor.provider)");
        try
        {
            return (IActorRefProvider)Activator.CreateInstance(type, Name, Settings, _eventStream);
        }
        catch (TargetInvocationException failure)
        {
            throw new ConfigurationException($"Could not create actor ref provider [{Settings.ProviderClass}]: {failure.InnerException.Message}", failure.InnerException);
        }
    }

    private void LoadExtensions()
    {
        foreach (var name in Settings.Config.GetStringList("akka.extensions"))
        {
            if (TypeResolver.Find(name) is not { } type || !typeof(IExtensionId).IsAssignableFrom(type) || type.IsAbstract)
            {
                _log.Error("[{0}] is not an 'ExtensionIdProvider', skipping...", name);
                continue;
            }

            RegisterExtension((IExtensionId)Activator.CreateInstance(type));
        }
    }

    private void StopScheduler() => (_scheduler as IDisposable)?.Dispose();
}
