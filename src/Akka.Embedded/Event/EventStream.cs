// The system's main street: dead letters, log events and whatever users publish, to whoever subscribed to its type.

using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Event;

public class EventStream : LoggingBus
{
    private readonly bool _debug;
    private IActorRef _unsubscriber;

    public EventStream(bool debug) => _debug = debug;

    public override bool Subscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        _unsubscriber?.Tell(new EventStreamUnsubscriber.Register(subscriber), ActorRefs.NoSender);
        if (_debug) Publish(new Debug(nameof(EventStream), GetType(), $"subscribing {subscriber} to channel {channel}"));
        return base.Subscribe(subscriber, channel);
    }

    public override bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(channel);
        if (_debug) Publish(new Debug(nameof(EventStream), GetType(), $"unsubscribing {subscriber} from channel {channel}"));
        return base.Unsubscribe(subscriber, channel);
    }

    public override bool Unsubscribe(IActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (_debug) Publish(new Debug(nameof(EventStream), GetType(), $"unsubscribing {subscriber} from all channels"));
        return base.Unsubscribe(subscriber);
    }

    internal void StartUnsubscriber(ActorSystemImpl system) => _unsubscriber = system.SystemActorOf(
        Props.Create(() => new EventStreamUnsubscriber(this)).WithDispatcher(Dispatch.Dispatchers.InternalDispatcherId), "EventStreamUnsubscriber-1");

    /// <summary>Replaces the console of the first moments by the configured loggers, each an actor that has said it is ready.</summary>
    internal void StartDefaultLoggers(ActorSystemImpl system)
    {
        var settings = system.Settings;
        var level = Logging.LogLevelFor(settings.LogLevel);
        var number = 0;
        var keepStandardOut = false;
        foreach (var name in settings.Loggers)
        {
            var type = TypeResolver.Find(name)
                ?? throw new ConfigurationException($"Logger specified in config cannot be found: \"{name}\"");
            if (typeof(StandardOutLogger).IsAssignableFrom(type))
            {
                keepStandardOut = true;
                continue;
            }

            AddLogger(system, type, level, $"log{++number}-{type.Name}");
        }

        SetLevel(level);
        if (keepStandardOut) SubscribeLogger(StandardOut, level);
        else if (number > 0 || settings.Loggers.Count == 0) Unsubscribe(StandardOut);
        if (settings.DebugUnhandledMessage)
            Subscribe(system.SystemActorOf(Props.Create(() => new UnhandledMessageForwarder()), "UnhandledMessageForwarder"), typeof(UnhandledMessage));
    }

    internal void StopDefaultLoggers(ActorSystemImpl system)
    {
        if (Loggers.Count == 0) return;
        SubscribeLogger(StandardOut, Logging.LogLevelFor(system.Settings.StdoutLogLevel));
        foreach (var logger in Loggers)
        {
            Unsubscribe(logger);
            system.Stop(logger);
        }

        Loggers.Clear();
    }

    private void AddLogger(ActorSystemImpl system, Type type, LogLevel level, string name)
    {
        var logger = system.SystemActorOf(Props.Create(type).WithDispatcher(system.Settings.LoggersDispatcher), name);
        if (!system.Settings.LoggerAsyncStart)
        {
            try
            {
                var answer = logger.Ask(new InitializeLogger(this), system.Settings.LoggerStartTimeout).GetAwaiter().GetResult();
                if (answer is not LoggerInitialized)
                    throw new LoggerInitializationException($"Logger {name} did not respond with LoggerInitialized, sent instead {answer}");
            }
            catch (AskTimeoutException timedOut)
            {
                throw new LoggerInitializationException($"Logger {name} did not respond within {system.Settings.LoggerStartTimeout} to InitializeLogger", timedOut);
            }
        }
        else
        {
            logger.Tell(new InitializeLogger(this), ActorRefs.NoSender);
        }

        Loggers.Add(logger);
        SubscribeLogger(logger, level);
    }
}

public static class EventStreamExtensions
{
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
