// Tells incarnations of one path apart. A reference to a dead actor must not reach its successor.

namespace Akka.Actor;

internal static class ActorUid
{
    /// <summary>A positive number that a later incarnation will not have again in practice; never 0, which means "any".</summary>
    internal static long Next() => Random.Shared.NextInt64(1, int.MaxValue);
}
