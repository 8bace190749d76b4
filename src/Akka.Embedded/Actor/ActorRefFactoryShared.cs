// How a text or a path becomes a selection, the same for systems, contexts and tests.

namespace Akka.Actor;

internal static class ActorRefFactoryShared
{
    internal static ActorSelection ActorSelection(ActorPath path, ActorSystem system) =>
        new(((ExtendedActorSystem)system).Provider.RootGuardianAt(path.Address), path.Elements);

    /// <summary>A full path, one from the root ("/user/a"), or one from the anchor ("a/b", "../c").</summary>
    internal static ActorSelection ActorSelection(string path, ActorSystem system, IActorRef anchor)
    {
        var provider = ((ExtendedActorSystem)system).Provider;
        if (Uri.IsWellFormedUriString(path, UriKind.Absolute) || path.Contains("://", StringComparison.Ordinal))
        {
            if (!ActorPath.TryParse(path, out var actorPath)) return new ActorSelection(provider.DeadLetters, "");
            return new ActorSelection(provider.RootGuardianAt(actorPath.Address), actorPath.Elements);
        }

        if (path.StartsWith('/')) return new ActorSelection(provider.RootGuardian, path.Split('/').Skip(1));
        if (anchor is null || anchor.IsNobody()) return new ActorSelection(provider.DeadLetters, path);
        return new ActorSelection(anchor, path.Split('/'));
    }
}
