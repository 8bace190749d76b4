// The top of the tree: beside its children "user" and "system" it knows the names that have no actor, such as "temp" and "deadLetters".

using System.Collections.Concurrent;
using Akka.Dispatch;

namespace Akka.Actor;

internal sealed class RootGuardianActorRef : LocalActorRef
{
    private readonly ConcurrentDictionary<string, IInternalActorRef> _extraNames = new();

    internal RootGuardianActorRef(ActorSystemImpl system, Props props, MessageDispatcher dispatcher, IInternalActorRef supervisor, ActorPath path)
        : base(system, props, dispatcher, supervisor, path)
    {
    }

    public override IInternalActorRef Parent => this;

    internal void AddName(string name, IInternalActorRef actor) => _extraNames[name] = actor;

    public override IInternalActorRef GetSingleChild(string name) =>
        _extraNames.TryGetValue(name, out var extra) ? extra : base.GetSingleChild(name);
}
