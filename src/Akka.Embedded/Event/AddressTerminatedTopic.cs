// Who is to be told when a whole address is given up: the actors that watch somebody there, or are watched from there.

using Akka.Actor;

namespace Akka.Event;

internal sealed class AddressTerminatedTopic : IExtension
{
    private readonly HashSet<IActorRef> _subscribers = [];

    internal static AddressTerminatedTopic Get(ActorSystem system) => system.WithExtension<AddressTerminatedTopic, AddressTerminatedTopicProvider>();

    internal void Subscribe(IActorRef subscriber)
    {
        lock (_subscribers) _subscribers.Add(subscriber);
    }

    internal void Unsubscribe(IActorRef subscriber)
    {
        lock (_subscribers) _subscribers.Remove(subscriber);
    }

    internal void Publish(AddressTerminated message)
    {
        IActorRef[] subscribers;
        lock (_subscribers) subscribers = [.. _subscribers];
        foreach (var subscriber in subscribers) subscriber.Tell(message, ActorRefs.NoSender);
    }
}

internal sealed class AddressTerminatedTopicProvider : ExtensionIdProvider<AddressTerminatedTopic>
{
    public override AddressTerminatedTopic CreateExtension(ExtendedActorSystem system) => new();
}
