// Decides on which threads a group of actors runs and how long each may run before the next.

using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>Binds mailboxes to an executor. Throughput is in messages per run; the deadline, when set, ends a run early.</summary>
public abstract class MessageDispatcher
{
    private readonly long _deadlineMilliseconds;

    protected MessageDispatcher(string id, int throughput, TimeSpan throughputDeadline, TimeSpan shutdownTimeout)
    {
        Id = id;
        Throughput = Math.Max(1, throughput);
        ThroughputDeadlineTime = throughputDeadline > TimeSpan.Zero ? throughputDeadline.Ticks : null;
        _deadlineMilliseconds = throughputDeadline > TimeSpan.Zero ? Math.Max(1, (long)throughputDeadline.TotalMilliseconds) : 0;
        ShutdownTimeout = shutdownTimeout;
    }

    public string Id { get; }

    /// <summary>Messages one mailbox may process before it goes to the back of the line.</summary>
    public int Throughput { get; }

    /// <summary>Ticks a run may last; null when only <see cref="Throughput"/> limits it.</summary>
    public long? ThroughputDeadlineTime { get; }

    public TimeSpan ShutdownTimeout { get; }

    public void Schedule(Action run) => ExecuteTask(new ActionRunnable(run));

    public void Schedule(IRunnable run) => ExecuteTask(run);

    protected abstract void ExecuteTask(IRunnable run);

    /// <summary>Ends the threads this dispatcher owns, if it owns any.</summary>
    protected internal virtual void Shutdown()
    {
    }

    /// <summary>Brings a mailbox that has just become runnable to a thread.</summary>
    internal virtual void Execute(Mailbox mailbox) => ExecuteTask(mailbox);

    /// <summary>Brings a mailbox back that used up its run; others go first.</summary>
    internal virtual void ExecuteAgain(Mailbox mailbox) => ExecuteTask(mailbox);

    internal virtual void RunOnPool(Mailbox mailbox) => mailbox.Run();

    internal virtual Mailbox CreateMailbox(ActorCell cell) => new(cell, this);

    internal virtual void Attach(ActorCell cell)
    {
    }

    internal virtual void Detach(ActorCell cell)
    {
    }

    internal void SystemDispatch(ActorCell cell, SystemMessage message) => cell.Mailbox.PostSystem(message);

    internal long DeadlineFromNow() => _deadlineMilliseconds == 0 ? 0 : Environment.TickCount64 + _deadlineMilliseconds;
}
