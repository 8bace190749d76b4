// The short form for actors without arguments.

namespace Akka.Actor;

public static class ActorRefFactoryExtensions
{
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);

    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath) => factory switch
    {
        ActorSystem system => ActorRefFactoryShared.ActorSelection(actorPath, system, anchorRef),
        IActorContext context => ActorRefFactoryShared.ActorSelection(actorPath, context.System, anchorRef),
        _ => factory.ActorSelection(anchorRef.Path + "/" + actorPath),
    };
}
