// Publishing by class: a subscriber to a type hears everything that is one.

using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>The subscriptions behind the event stream. Publishing takes no lock; subscribing replaces the table.</summary>
public abstract class LoggingBus
{
    private readonly Lock _gate = new();
    private (IActorRef Subscriber, Type Channel)[] _subscriptions = [];
    private ConcurrentDictionary<Type, IActorRef[]> _receivers = new();

    public LogLevel LogLevel { get; private set; } = LogLevel.InfoLevel;

    private protected List<IActorRef> Loggers { get; } = [];

    public virtual bool Subscribe(IActorRef subscriber, Type channel)
    {
        lock (_gate)
        {
            if (_subscriptions.Contains((subscriber, channel))) return false;
            _subscriptions = [.. _subscriptions, (subscriber, channel)];
            _receivers = new ConcurrentDictionary<Type, IActorRef[]>();
            return true;
        }
    }

    public virtual bool Unsubscribe(IActorRef subscriber) => Remove(one => one.Subscriber.Equals(subscriber));

    public virtual bool Unsubscribe(IActorRef subscriber, Type channel) =>
        Remove(one => one.Subscriber.Equals(subscriber) && one.Channel == channel);

    public void Publish(object @event)
    {
        if (@event is LogEvent log && log.LogLevel() < LogLevel) return;
        var receivers = Volatile.Read(ref _receivers);
        var type = @event.GetType();
        if (!receivers.TryGetValue(type, out var targets))
            targets = receivers.GetOrAdd(type, Find(type));
        foreach (var target in targets) target.Tell(@event, ActorRefs.NoSender);
    }

    /// <summary>Everything less than the level is dropped at the source.</summary>
    public void SetLogLevel(LogLevel logLevel)
    {
        LogLevel = logLevel;
        foreach (var logger in Loggers.ToArray()) SubscribeLogger(logger, logLevel);
    }

    internal void StartStdoutLogger(Settings settings)
    {
        LogLevel = Logging.LogLevelFor(settings.StdoutLogLevel);
        SubscribeLogger(StandardOut, LogLevel);
    }

    private protected StandardOutLogger StandardOut { get; } = new();

    private protected void SetLevel(LogLevel level) => LogLevel = level;

    private protected void SubscribeLogger(IActorRef logger, LogLevel level)
    {
        foreach (var each in Enum.GetValues<LogLevel>())
        {
            if (each >= level) Subscribe(logger, each.ClassFor());
            else Unsubscribe(logger, each.ClassFor());
        }
    }

    private IActorRef[] Find(Type type) =>
        Volatile.Read(ref _subscriptions).Where(one => one.Channel.IsAssignableFrom(type)).Select(one => one.Subscriber).Distinct().ToArray();

    private bool Remove(Predicate<(IActorRef Subscriber, Type Channel)> which)
    {
        lock (_gate)
        {
            var left = Array.FindAll(_subscriptions, one => !which(one));
            if (left.Length == _subscriptions.Length) return false;
            _subscriptions = left;
            _receivers = new ConcurrentDictionary<Type, IActorRef[]>();
            return true;
        }
    }
}
