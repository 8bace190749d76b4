// Subscribers that end are forgotten: this actor watches them all.

using Akka.Actor;

namespace Akka.Event;

internal sealed class EventStreamUnsubscriber : ReceiveActor
{
    public EventStreamUnsubscriber(EventStream eventStream)
    {
        Receive<Register>(register =>
        {
            if (register.Actor is IInternalActorRef and not MinimalActorRef) Context.Watch(register.Actor);
        });
        Receive<Terminated>(terminated =>
        {
            eventStream.Unsubscribe(terminated.ActorRef);
        });
    }

    internal sealed record Register(IActorRef Actor) : INoSerializationVerificationNeeded;
}
