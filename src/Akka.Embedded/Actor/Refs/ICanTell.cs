// The one thing every destination can do. References and selections share it, and so can stand in for each other.

namespace Akka.Actor;

public interface ICanTell
{
    void Tell(object message, IActorRef sender);
}
