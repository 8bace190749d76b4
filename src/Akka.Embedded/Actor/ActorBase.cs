// What every actor derives from: the hooks of its life and the shortcuts to its context.

using Akka.Event;

namespace Akka.Actor;

/// <summary>Tries to handle a message; false leaves it unhandled.</summary>
public delegate bool Receive(object message);

/// <summary>Handles a message whatever it is.</summary>
public delegate void UntypedReceive(object message);

/// <summary>An actor built around one partial function. It may only be constructed by the runtime, from its <see cref="Props"/>.</summary>
public abstract class ActorBase
{
    private SupervisorStrategy _strategy;

    protected ActorBase()
    {
        var cell = ActorCell.Current ?? throw new ActorInitializationException(
            $"You cannot create an instance of {GetType()} explicitly using the constructor (new). You have to use one of the 'ActorOf' factory methods to create a new actor.");
        cell.Become(Receive);
    }

    /// <summary>The context of the actor on whose thread the caller is; throws <see cref="NotSupportedException"/> off any actor's thread.</summary>
    protected static IActorContext Context => ActorCell.Current ?? throw NoContext();

    protected static Receive EmptyReceive { get; } = static _ => false;

    protected IActorRef Self => (ActorCell.Current ?? throw NoContext()).Self;

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    protected IActorRef Sender => (ActorCell.Current ?? throw NoContext()).Sender;

    internal SupervisorStrategy SupervisorStrategyInternal =>
        _strategy ??= ActorCell.Current?.Props.SupervisorStrategy ?? SupervisorStrategy();

    internal static NotSupportedException NoContext() =>
        new("There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    protected abstract bool Receive(object message);

    protected void Become(Receive receive) => Context.Become(receive);

    protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    /// <summary>Asks for a <see cref="ReceiveTimeout"/> after so long without messages; null ends it.</summary>
    protected void SetReceiveTimeout(TimeSpan? timeout) => Context.SetReceiveTimeout(timeout);

    /// <summary>What becomes of children that fail.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.DefaultStrategy;

    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated) throw new DeathPactException(terminated.ActorRef);
        Context.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    protected internal virtual bool AroundReceive(Receive receive, object message)
    {
        if (message is ITimerMsg timer)
        {
            if (this is not IWithTimers { Timers: TimerScheduler timers } || !timers.Accept(timer, out message)) return true;
        }

        var handled = receive(message);
        if (!handled) Unhandled(message);
        return handled;
    }

    protected internal virtual void AroundPreStart() => PreStart();
    protected internal virtual void AroundPostStop() => PostStop();
    protected internal virtual void AroundPreRestart(Exception cause, object message) => PreRestart(cause, message);
    protected internal virtual void AroundPostRestart(Exception cause, object message) => PostRestart(cause);

    protected virtual void PreStart()
    {
    }

    protected virtual void PostStop()
    {
    }

    /// <summary>Called on the failed instance: by default stops the children and cleans up as at the end.</summary>
    protected virtual void PreRestart(Exception reason, object message)
    {
        foreach (var child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }

        PostStop();
    }

    /// <summary>Called on the fresh instance: by default starts as at the beginning.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();
}
