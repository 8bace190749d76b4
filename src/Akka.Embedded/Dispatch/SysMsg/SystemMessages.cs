// The messages by which the runtime steers actors. They travel in a queue of their own, always before user messages, and are linked through
// themselves so that sending one allocates nothing else. Kept together: they are one closed vocabulary, a line each.

using Akka.Actor;
using Akka.Event;

namespace Akka.Dispatch.SysMsg;

/// <summary>Marks what the runtime says to a cell, as opposed to what users say to an actor.</summary>
public interface ISystemMessage : INoSerializationVerificationNeeded
{
}

/// <summary>One link of a mailbox's chain of system messages. An instance may be sent once.</summary>
public abstract class SystemMessage : ISystemMessage
{
    internal SystemMessage Next { get; set; }
}

/// <summary>Build the actor for the first time; carries what already went wrong, if anything did.</summary>
public sealed class Create(ActorInitializationException failure = null) : SystemMessage
{
    public ActorInitializationException Failure { get; } = failure;
}

/// <summary>Replace the actor after a failure.</summary>
public sealed class Recreate(Exception cause) : SystemMessage
{
    public Exception Cause { get; } = cause;
}

/// <summary>Take no user messages until resumed; counted, so that nested suspensions need as many resumes.</summary>
public sealed class Suspend : SystemMessage
{
}

/// <summary>Undo one <see cref="Suspend"/>; with a cause, forgive that failure.</summary>
public sealed class Resume(Exception causedByFailure) : SystemMessage
{
    public Exception CausedByFailure { get; } = causedByFailure;
}

/// <summary>Stop for good, children first.</summary>
public sealed class Terminate : SystemMessage, IPossiblyHarmful, IDeadLetterSuppression
{
}

/// <summary>The watcher wants to hear of the watchee's end.</summary>
public sealed class Watch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;
    public IInternalActorRef Watcher { get; } = watcher;
}

/// <summary>The watcher no longer wants to hear of it.</summary>
public sealed class Unwatch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;
    public IInternalActorRef Watcher { get; } = watcher;
}

/// <summary>A child tells its parent that it failed and waits, suspended, for the verdict.</summary>
public sealed class Failed(IActorRef child, Exception cause, long uid) : SystemMessage
{
    public IActorRef Child { get; } = child;
    public Exception Cause { get; } = cause;
    public long Uid { get; } = uid;
}

/// <summary>The watched actor has ended. Parents always get it.</summary>
public sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed, bool addressTerminated) : SystemMessage, IDeadLetterSuppression
{
    public IActorRef Actor { get; } = actor;
    public bool ExistenceConfirmed { get; } = existenceConfirmed;
    public bool AddressTerminated { get; } = addressTerminated;
}

/// <summary>Runs one step of an asynchronous handler inside the actor, or reports how the whole of it failed.</summary>
internal sealed class ActorTaskStep(ActorTaskScheduler scheduler, Task task, Exception failure = null) : SystemMessage
{
    internal Exception Failure { get; } = failure;

    internal void Execute() => scheduler.ExecuteStep(task);
}
