// Questions callers ask of a reference that may be null.

namespace Akka.Actor;

public static class ActorRefExtensions
{
    public static bool IsNobody(this IActorRef actorRef) =>
        actorRef is null || actorRef is Nobody || (actorRef is DeadLetterActorRef);

    public static IActorRef GetOrElse(this IActorRef actorRef, Func<IActorRef> elseValue) => actorRef.IsNobody() ? elseValue() : actorRef;
}
