// The settings the runtime itself uses, read once.

using Akka.Configuration;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

public class Settings
{
    public Settings(ActorSystem system, Config config)
    {
        System = system;
        Config = config.WithFallback(ConfigurationFactory.Default());
        var c = Config;
        ConfigVersion = c.GetString("akka.version");
        ProviderClass = c.GetString("akka.actor.provider") switch
        {
            "local" => "Akka.Actor.LocalActorRefProvider",
            "remote" => "Akka.Remote.RemoteActorRefProvider, Akka.Remote",
            "cluster" => "Akka.Cluster.ClusterActorRefProvider, Akka.Cluster",
            var type => type,
        };
        HasCluster = ProviderClass.StartsWith("Akka.Cluster.", StringComparison.Ordinal);
        SupervisorStrategyClass = c.GetString("akka.actor.guardian-supervisor-strategy");
        AskTimeout = c.GetTimeSpan("akka.actor.ask-timeout");
        CreationTimeout = c.GetTimeSpan("akka.actor.creation-timeout");
        SerializeAllMessages = c.GetBoolean("akka.actor.serialize-messages");
        SerializeAllCreators = c.GetBoolean("akka.actor.serialize-creators");
        LogLevel = c.GetString("akka.loglevel");
        StdoutLogLevel = c.GetString("akka.stdout-loglevel");
        Loggers = c.GetStringList("akka.loggers");
        LoggersDispatcher = c.GetString("akka.loggers-dispatcher");
        LoggerStartTimeout = c.GetTimeSpan("akka.logger-startup-timeout");
        LoggerAsyncStart = c.GetBoolean("akka.logger-async-start");
        LogConfigOnStart = c.GetBoolean("akka.log-config-on-start");
        LogDeadLetters = c.GetString("akka.log-dead-letters") switch
        {
            "on" or "true" or "yes" => int.MaxValue,
            "off" or "false" or "no" => 0,
            _ => c.GetInt("akka.log-dead-letters"),
        };
        LogDeadLettersDuringShutdown = c.GetBoolean("akka.log-dead-letters-during-shutdown");
        LogDeadLettersSuspendDuration = c.GetString("akka.log-dead-letters-suspend-duration") == "infinite"
            ? Timeout.InfiniteTimeSpan
            : c.GetTimeSpan("akka.log-dead-letters-suspend-duration");
        AddLoggingReceive = c.GetBoolean("akka.actor.debug.receive");
        DebugAutoReceive = c.GetBoolean("akka.actor.debug.autoreceive");
        DebugLifecycle = c.GetBoolean("akka.actor.debug.lifecycle");
        DebugEventStream = c.GetBoolean("akka.actor.debug.event-stream");
        DebugUnhandledMessage = c.GetBoolean("akka.actor.debug.unhandled");
        DebugTimerScheduler = c.GetBoolean("akka.actor.debug.log-timers");
        SchedulerClass = c.GetString("akka.scheduler.implementation");
        SchedulerShutdownTimeout = c.GetTimeSpan("akka.scheduler.shutdown-timeout");
        CoordinatedShutdownTerminateActorSystem = c.GetBoolean("akka.coordinated-shutdown.terminate-actor-system");
        CoordinatedShutdownRunByActorSystemTerminate = c.GetBoolean("akka.coordinated-shutdown.run-by-actor-system-terminate");
        if (CoordinatedShutdownRunByActorSystemTerminate && !CoordinatedShutdownTerminateActorSystem)
            throw new ConfigurationException(
                "akka.coordinated-shutdown.run-by-actor-system-terminate=on and akka.coordinated-shutdown.terminate-actor-system=off is not a supported configuration combination.");
        LogFormatter = CreateFormatter(c.GetString("akka.logger-formatter"));
    }

    public ActorSystem System { get; }
    public Config Config { get; private set; }
    public string ConfigVersion { get; }
    public string ProviderClass { get; }
    public bool HasCluster { get; }
    public string SupervisorStrategyClass { get; }
    public TimeSpan AskTimeout { get; }
    public TimeSpan CreationTimeout { get; }
    public bool SerializeAllMessages { get; }
    public bool SerializeAllCreators { get; }
    public string LogLevel { get; }
    public string StdoutLogLevel { get; }
    public IList<string> Loggers { get; }
    public string LoggersDispatcher { get; }
    public TimeSpan LoggerStartTimeout { get; }
    public bool LoggerAsyncStart { get; }
    public bool LogConfigOnStart { get; }

    /// <summary>How many dead letters are logged before silence; 0 none, <see cref="int.MaxValue"/> all.</summary>
    public int LogDeadLetters { get; }

    public bool LogDeadLettersDuringShutdown { get; }
    public TimeSpan LogDeadLettersSuspendDuration { get; }
    public ILogMessageFormatter LogFormatter { get; }
    public bool AddLoggingReceive { get; }
    public bool DebugAutoReceive { get; }
    public bool DebugLifecycle { get; }
    public bool DebugEventStream { get; }
    public bool DebugUnhandledMessage { get; }
    public bool DebugTimerScheduler { get; }
    public string SchedulerClass { get; }
    public TimeSpan SchedulerShutdownTimeout { get; }
    public bool CoordinatedShutdownTerminateActorSystem { get; }
    public bool CoordinatedShutdownRunByActorSystemTerminate { get; }

    /// <summary>Adds an extension's own defaults below everything else.</summary>
    public void InjectTopLevelFallback(Config config) => Config = Config.SafeWithFallback(config);

    public override string ToString() => Config.ToString();

    private static ILogMessageFormatter CreateFormatter(string name) =>
        TypeResolver.Find(name) is { } type && typeof(ILogMessageFormatter).IsAssignableFrom(type)
            ? (ILogMessageFormatter)Activator.CreateInstance(type)
            : throw new ConfigurationException($"Could not find log message formatter [{name}] (akka.logger-formatter)");
}
