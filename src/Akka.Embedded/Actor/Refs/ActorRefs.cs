// Names for the two references that are no actor.

namespace Akka.Actor;

public static class ActorRefs
{
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>No sender: replies to it go to dead letters.</summary>
    public static readonly IActorRef NoSender = null;
}
