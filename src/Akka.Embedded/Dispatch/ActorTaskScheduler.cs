// Keeps asynchronous handlers inside their actor: every step of the task is run by the mailbox, between messages nobody else can slip into,
// because the mailbox is suspended until the whole task has ended.

using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

public sealed class ActorTaskScheduler : TaskScheduler
{
    private readonly ActorCell _cell;

    internal ActorTaskScheduler(ActorCell cell) => _cell = cell;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs the handler as the current actor's only occupation until its task ends; a failure is the actor's failure.</summary>
    public static void RunTask(Func<Task> asyncAction)
    {
        var cell = ActorCell.Current
            ?? throw new InvalidOperationException("RunTask must be called from an actor context.");
        var mailbox = cell.Mailbox;
        mailbox.Suspend();
        Task.Factory.StartNew(asyncAction, CancellationToken.None, TaskCreationOptions.None, cell.TaskScheduler)
            .Unwrap()
            .ContinueWith(
                finished =>
                {
                    if (finished.Exception is { } failure)
                        cell.SendSystemMessage(new ActorTaskStep(cell.TaskScheduler, finished, Flatten(failure)));
                    else if (finished.IsCanceled)
                        cell.SendSystemMessage(new ActorTaskStep(cell.TaskScheduler, finished, new TaskCanceledException(finished)));
                    mailbox.Resume();
                    cell.ReceiveTimeoutAfterTask();
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                cell.TaskScheduler);
    }

    public static void RunTask(Action action) => RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });

    internal void ExecuteStep(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task)
    {
        // The first step of a handler starts at once, on the message's own run; only what comes back from an await goes through the queue.
        if (ReferenceEquals(ActorCell.Current, _cell) && !_cell.InTaskStep)
        {
            _cell.RunTaskStep(new ActorTaskStep(this, task));
            return;
        }

        _cell.SendSystemMessage(new ActorTaskStep(this, task));
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(ActorCell.Current, _cell) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => null;

    private static Exception Flatten(AggregateException failure) => failure.InnerExceptions.Count == 1 ? failure.InnerException : failure;
}
