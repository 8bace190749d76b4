// Stops an actor and says when it is gone.

using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>True once the target has ended, false when it has not by the timeout.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var watched = (IInternalActorRef)target;
        var result = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = watched.Provider.CreateFutureRef(result);
        watched.SendSystemMessage(new Watch(watched, watcher));
        target.Tell(stopMessage, ActorRefs.NoSender);
        using var timer = new CancellationTokenSource();
        using var expiry = timer.Token.Register(() => result.TrySetCanceled());
        timer.CancelAfter(timeout);
        try
        {
            return await result.Task.ConfigureAwait(false) is Terminated terminated && terminated.ActorRef.Path.Equals(target.Path);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            watched.SendSystemMessage(new Unwatch(watched, watcher));
        }
    }
}
