// A message that waits for its connection: its bytes, and what it was, should it end as a dead letter.

using Akka.Actor;

namespace Akka.Remote.Transport;

internal sealed record PendingMessage(byte[] Frame, object Message, IActorRef Sender, RemoteActorRef Recipient, bool IsSystem);
