// With akka.actor.debug.unhandled, says which message nobody handled.

using Akka.Actor;

namespace Akka.Event;

internal sealed class UnhandledMessageForwarder : ReceiveActor
{
    public UnhandledMessageForwarder() => Receive<UnhandledMessage>(unhandled => Context.System.EventStream.Publish(new Debug(
        unhandled.Recipient.Path.ToString(), GetType(), $"Unhandled message from {unhandled.Sender} : {unhandled.Message}")));
}
