// Turns the end of a task into a message, which is how actors await without waiting.

namespace Akka.Actor;

public static class PipeToSupport
{
    /// <summary>Sends the result (or what <paramref name="success"/> makes of it); a failure goes as <see cref="Status.Failure"/> unless mapped.</summary>
    public static Task PipeTo<T>(
        this Task<T> taskToPipe, ICanTell recipient, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.PipeTo(recipient, false, sender, success, failure);

    public static async Task PipeTo<T>(
        this Task<T> taskToPipe,
        ICanTell recipient,
        bool useConfigureAwait,
        IActorRef sender = null,
        Func<T, object> success = null,
        Func<Exception, object> failure = null)
    {
        sender ??= ActorRefs.NoSender;
        await ((Task)taskToPipe).ConfigureAwait(useConfigureAwait ? ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.SuppressThrowing);
        if (FailureOf(taskToPipe) is { } cause) recipient.Tell(failure is null ? new Status.Failure(cause) : failure(cause), sender);
        else recipient.Tell(success is null ? taskToPipe.Result : success(taskToPipe.Result), sender);
    }

    public static Task PipeTo<T>(
        this ValueTask<T> taskToPipe, ICanTell recipient, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, false, sender, success, failure);

    /// <summary>A task without a result sends something only if <paramref name="success"/> says what, or when it fails.</summary>
    public static Task PipeTo(
        this Task taskToPipe, ICanTell recipient, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.PipeTo(recipient, false, sender, success, failure);

    public static async Task PipeTo(
        this Task taskToPipe,
        ICanTell recipient,
        bool useConfigureAwait,
        IActorRef sender = null,
        Func<object> success = null,
        Func<Exception, object> failure = null)
    {
        sender ??= ActorRefs.NoSender;
        await taskToPipe.ConfigureAwait(useConfigureAwait ? ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.SuppressThrowing);
        if (FailureOf(taskToPipe) is { } cause) recipient.Tell(failure is null ? new Status.Failure(cause) : failure(cause), sender);
        else if (success is not null) recipient.Tell(success(), sender);
    }

    public static Task PipeTo(
        this ValueTask taskToPipe, ICanTell recipient, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, false, sender, success, failure);

    private static Exception FailureOf(Task task)
    {
        if (task.IsCanceled) return new TaskCanceledException(task);
        return task.Exception?.InnerException;
    }
}
