// The actors that tests of remoting put at the far end.

using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

/// <summary>Says everything back.</summary>
internal sealed class Echo : UntypedActor
{
    protected override void OnReceive(object message) => Sender.Tell(message, Self);
}

/// <summary>Passes everything on, as from itself.</summary>
internal sealed class Relay(IActorRef target) : UntypedActor
{
    protected override void OnReceive(object message) => target.Tell(message, Self);
}
