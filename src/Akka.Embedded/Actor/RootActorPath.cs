// The top of one system's tree: the only path that carries its address itself.

namespace Akka.Actor;

public sealed class RootActorPath : ActorPath
{
    public RootActorPath(Address address, string name = "")
        : base(address, name)
    {
    }
}
