// What the test actor has received: a message with its sender, or, in place of null, nothing.

using Akka.Actor;

namespace Akka.TestKit;

public abstract class MessageEnvelope
{
    public abstract object Message { get; }
    public abstract IActorRef Sender { get; }
}

public class RealMessageEnvelope(object message, IActorRef sender) : MessageEnvelope
{
    public override object Message { get; } = message;
    public override IActorRef Sender { get; } = sender;
    public override string ToString() => "<" + (Message ?? "null") + "> from " + (Equals(Sender, ActorRefs.NoSender) ? "NoSender" : Sender.ToString());
}

public sealed class NullMessageEnvelope : MessageEnvelope
{
    public static readonly NullMessageEnvelope Instance = new();

    private NullMessageEnvelope()
    {
    }

    public override object Message => throw new InvalidOperationException("Calling Message on a NullMessageEnvelope is not allowed");
    public override IActorRef Sender => throw new InvalidOperationException("Calling Sender on a NullMessageEnvelope is not allowed");
    public override string ToString() => "<null message>";
}
