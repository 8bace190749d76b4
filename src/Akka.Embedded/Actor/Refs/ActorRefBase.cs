// Equality, order and text of references, the same for every kind of them.

namespace Akka.Actor;

public abstract class ActorRefBase : IActorRef
{
    public abstract ActorPath Path { get; }

    public void Tell(object message, IActorRef sender) => TellInternal(message, sender);

    protected abstract void TellInternal(object message, IActorRef sender);

    public override string ToString() => Path.Uid == 0 ? $"[{Path}]" : $"[{Path}#{Path.Uid}]";

    public override bool Equals(object obj) => Equals(obj as IActorRef);

    public bool Equals(IActorRef other) =>
        ReferenceEquals(this, other) || (other is not null && Path.Uid == other.Path.Uid && Path.Equals(other.Path));

    public override int GetHashCode() => Path.Uid == 0 ? Path.GetHashCode() : Path.Uid.GetHashCode();

    public int CompareTo(object obj) => obj is IActorRef other
        ? CompareTo(other)
        : throw new ArgumentException("Object must be of type IActorRef.", nameof(obj));

    public int CompareTo(IActorRef other)
    {
        if (other is null) return 1;
        var result = Path.CompareTo(other.Path);
        return result == 0 ? Path.Uid.CompareTo(other.Path.Uid) : result;
    }
}
