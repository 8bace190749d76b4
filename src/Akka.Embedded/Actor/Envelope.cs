// A message on its way: what was said and who said it. A value, so that mailboxes hold it without allocation.

namespace Akka.Actor;

public readonly struct Envelope
{
    public Envelope(object message, IActorRef sender, ActorSystem system)
        : this(message, sender ?? system.DeadLetters)
    {
    }

    public Envelope(object message, IActorRef sender)
    {
        Message = message;
        Sender = sender;
    }

    public IActorRef Sender { get; }
    public object Message { get; }

    public override string ToString() => $"<{Message}> from {(Sender is null || ReferenceEquals(Sender, ActorRefs.NoSender) ? "NoSender" : Sender)}";
}
