// The world an actor lives in: its tree, its configuration, its clock and its threads.

using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    public abstract string Name { get; }
    public abstract Settings Settings { get; }
    public abstract IScheduler Scheduler { get; }
    public abstract EventStream EventStream { get; }
    public abstract IActorRef DeadLetters { get; }
    public abstract Dispatchers Dispatchers { get; }
    public abstract ILoggingAdapter Log { get; }
    public abstract Serialization.Serialization Serialization { get; }

    /// <summary>Time since the system was started.</summary>
    public abstract TimeSpan Uptime { get; }

    public abstract DateTimeOffset StartTimeUtc { get; }

    /// <summary>Completed when every actor has stopped and all that was registered for the end has run.</summary>
    public abstract Task WhenTerminated { get; }

    public static ActorSystem Create(string name) => Create(name, ConfigurationFactory.Empty);

    /// <summary>Starts a system; settings not in the configuration are those of the reference configuration.</summary>
    public static ActorSystem Create(string name, Config config)
    {
        if (string.IsNullOrEmpty(name) || !IsValidName(name))
            throw new ArgumentException(
                $"invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-' or '_')", nameof(name));
        var system = new ActorSystemImpl(name, config);
        system.Start();
        return system;
    }

    public abstract IActorRef ActorOf(Props props, string name = null);
    public abstract ActorSelection ActorSelection(ActorPath actorPath);
    public abstract ActorSelection ActorSelection(string actorPath);
    public abstract void Stop(IActorRef actor);

    /// <summary>Runs coordinated shutdown, if configured so, and stops all actors. The task is <see cref="WhenTerminated"/>.</summary>
    public abstract Task Terminate();

    /// <summary>To be run when all actors have stopped; throws when that has already happened.</summary>
    public abstract void RegisterOnTermination(Action code);

    public abstract object RegisterExtension(IExtensionId extension);
    public abstract object GetExtension(IExtensionId extension);

    public abstract T GetExtension<T>()
        where T : class, IExtension;

    public abstract bool HasExtension(Type type);

    public abstract bool HasExtension<T>()
        where T : class, IExtension;

    public abstract bool TryGetExtension(Type extensionType, out object extension);

    public abstract bool TryGetExtension<T>(out T extension)
        where T : class, IExtension;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) Terminate();
    }

    private static bool IsValidName(string name)
    {
        if (!char.IsAsciiLetterOrDigit(name[0])) return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c != '-' && c != '_') return false;
        return true;
    }
}
