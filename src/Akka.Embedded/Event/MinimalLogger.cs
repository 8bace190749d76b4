// A logger that is no actor, for the time before there are actors and after.

using Akka.Actor;

namespace Akka.Event;

public abstract class MinimalLogger : MinimalActorRef
{
    public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "all-systems"), "/StandardOutLogger");

    public override IActorRefProvider Provider => throw new NotSupportedException("This logger does not provide.");

    protected abstract void Log(object message);

    protected override void TellInternal(object message, IActorRef sender) => Log(message);
}
