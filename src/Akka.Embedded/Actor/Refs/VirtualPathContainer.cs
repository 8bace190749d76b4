// /temp: a folder without an actor, where short-lived references (asks) can be found by name while they live.

using System.Collections.Concurrent;

namespace Akka.Actor;

internal sealed class VirtualPathContainer : MinimalActorRef
{
    private readonly ConcurrentDictionary<string, IInternalActorRef> _children = new();
    private readonly IInternalActorRef _parent;

    internal VirtualPathContainer(IActorRefProvider provider, ActorPath path, IInternalActorRef parent)
    {
        Provider = provider;
        Path = path;
        _parent = parent;
    }

    public override ActorPath Path { get; }
    public override IActorRefProvider Provider { get; }
    public override IInternalActorRef Parent => _parent;

    internal void Add(string name, IInternalActorRef actor) => _children[name] = actor;

    internal void Remove(string name) => _children.TryRemove(name, out _);

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        if (name.Count == 0 || (name.Count == 1 && name[0].Length == 0)) return this;
        var hash = name[0].IndexOf('#', StringComparison.Ordinal);
        if (!_children.TryGetValue(hash < 0 ? name[0] : name[0][..hash], out var child)) return ActorRefs.Nobody;
        return name.Count == 1 ? child : child.GetChild(name.Skip(1).ToList());
    }
}
