// Every path but the root: a name below a parent, and the uid of one incarnation there.

namespace Akka.Actor;

public sealed class ChildActorPath : ActorPath
{
    public ChildActorPath(ActorPath parentPath, string name, long uid)
        : base(parentPath, name, uid)
    {
    }
}
