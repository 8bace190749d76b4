// The three actors that every system starts with. The root holds the other two; "user" is the parent of what users create; "system" outlives it
// and is the parent of what the runtime needs to the end, its loggers first of all.

using Akka.Event;

namespace Akka.Actor;

/// <summary>The parent of both others: it is gone when "system" is.</summary>
internal sealed class RootGuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        if (message is not Terminated) return false;
        Context.Stop(Self);
        return true;
    }
}

/// <summary>Parent of all actors made by users.</summary>
internal sealed class GuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated:
                Context.Stop(Self);
                return true;
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    // The guardian never restarts of itself; if it must, its children survive.
    protected override void PreRestart(Exception reason, object message)
    {
    }
}

/// <summary>Parent of the runtime's own actors: ends after "user" has ended.</summary>
internal sealed class SystemGuardianActor(IActorRef userGuardian) : ActorBase
{
    private readonly HashSet<IActorRef> _hooks = [];

    protected override void PreStart() => Context.Watch(userGuardian);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated terminated when terminated.ActorRef.Equals(userGuardian):
                Context.Become(Ending);
                foreach (var hook in _hooks) hook.Tell(TerminationHook.Instance);
                StopWhenAllDone();
                return true;
            case Terminated terminated:
                _hooks.Remove(terminated.ActorRef);
                return true;
            case StopChild stop:
                Context.Stop(stop.Child);
                return true;
            case RegisterTerminationHook when !ReferenceEquals(Context.System.DeadLetters, Sender):
                _hooks.Add(Sender);
                Context.Watch(Sender);
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    protected override void PreRestart(Exception reason, object message)
    {
    }

    private bool Ending(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                _hooks.Remove(terminated.ActorRef);
                StopWhenAllDone();
                return true;
            case TerminationHookDone:
                _hooks.Remove(Sender);
                StopWhenAllDone();
                return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    private void StopWhenAllDone()
    {
        if (_hooks.Count != 0) return;
        Context.System.EventStream.StopDefaultLoggers(((ActorCell)Context).SystemImpl);
        Context.Stop(Self);
    }
}

/// <summary>A system actor asks to be heard before "system" ends; remoting flushes its connections then.</summary>
internal sealed class RegisterTerminationHook : INoSerializationVerificationNeeded
{
    internal static readonly RegisterTerminationHook Instance = new();
}

/// <summary>The time to finish has come.</summary>
internal sealed class TerminationHook : INoSerializationVerificationNeeded
{
    internal static readonly TerminationHook Instance = new();
}

/// <summary>Finished.</summary>
internal sealed class TerminationHookDone : INoSerializationVerificationNeeded
{
    internal static readonly TerminationHookDone Instance = new();
}
