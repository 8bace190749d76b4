// Death watch for code that is no actor. A task completes when the watched one has ended.

using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public static class WatchAsyncSupport
{
    /// <summary>True when the target has ended, false when the token was cancelled before.</summary>
    public static async Task<bool> WatchAsync(this IActorRef target, CancellationToken token = default)
    {
        var watched = (IInternalActorRef)target;
        var result = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = watched.Provider.CreateFutureRef(result);
        using var cancellation = token.Register(() => result.TrySetCanceled(token));
        watched.SendSystemMessage(new Watch(watched, watcher));
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
