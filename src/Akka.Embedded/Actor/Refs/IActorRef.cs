// The handle by which everybody else knows an actor: it can be sent to and compared, nothing more.

namespace Akka.Actor;

public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    ActorPath Path { get; }
}

/// <summary>Whether a reference is served by this process.</summary>
public interface IActorRefScope
{
    bool IsLocal { get; }
}

/// <summary>A reference whose first life may still be ahead of it.</summary>
public interface IRepointableRef : IActorRefScope
{
    bool IsStarted { get; }
}
