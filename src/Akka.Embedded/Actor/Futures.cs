// Ask: send and await the answer as a task.

namespace Akka.Actor;

public static class Futures
{
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<object>(message, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<object>(message, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<T>(message, null, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<T>(_ => message, timeout, cancellationToken);

    /// <summary>
    /// Sends what the factory makes of the reference that the answer must go to. A <see cref="Status.Failure"/> as answer, or one of another type,
    /// faults the task; silence faults it with <see cref="AskTimeoutException"/>. Without a timeout, <c>akka.actor.ask-timeout</c> holds.
    /// </summary>
    public static Task<T> Ask<T>(
        this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var provider = ResolveProvider(self) ?? throw new ArgumentException("Unable to resolve the target Provider", nameof(self));
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        timeout ??= provider.Settings.AskTimeout;
        CancellationTokenSource timer = null;
        CancellationTokenRegistration expiry = default, cancellation = default;
        if (timeout != Timeout.InfiniteTimeSpan && timeout.Value > TimeSpan.Zero)
        {
            timer = new CancellationTokenSource();
            var waited = timeout.Value;
            expiry = timer.Token.Register(() => result.TrySetException(new AskTimeoutException($"Timeout after {waited} seconds")));
            timer.CancelAfter(waited);
        }

        if (cancellationToken.CanBeCanceled)
            cancellation = cancellationToken.Register(() => result.TrySetCanceled(cancellationToken));

        if (timer is not null || cancellationToken.CanBeCanceled)
        {
            result.Task.ContinueWith(
                _ =>
                {
                    expiry.Dispose();
                    cancellation.Dispose();
                    timer?.Dispose();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        var future = provider.CreateFutureRef(result);
        future.DeliverAsk(messageFactory(future), self);
        return result.Task;
    }

    // The answer comes back to the system of whoever is asked, so the name for it must be known there. The thread's own actor may belong to another
    // system, where several live in one process; it counts only where the target knows of none.
    internal static IActorRefProvider ResolveProvider(ICanTell target) => target switch
    {
        ActorSelection selection => ResolveProvider(selection.Anchor),
        IInternalActorRef reference and not Nobody => reference.Provider,
        _ => ActorCell.Current?.SystemImpl.Provider,
    };
}
