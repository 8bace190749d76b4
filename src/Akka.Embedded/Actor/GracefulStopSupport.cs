// Stops an actor and says when it is gone.

namespace Akka.Actor;

public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>True once the target has ended, false when it has not by the timeout.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        using var timer = new CancellationTokenSource(timeout);
        var ended = target.WatchAsync(timer.Token);
        target.Tell(stopMessage, ActorRefs.NoSender);
        return await ended.ConfigureAwait(false);
    }
}
