// Decides on which threads a group of actors runs and how long each may run before the next.

using System.Diagnostics;
using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>Binds mailboxes to an executor. Throughput is in messages per run; the deadline, when set, ends a run early.</summary>
public abstract class MessageDispatcher
{
    /// <summary>Messages a run processes where nothing else is said.</summary>
    public const int DefaultThroughput = 100;

    private readonly long _deadline;

    /// <summary>A dispatcher of one's own: its id, and where they differ from the defaults its limits, are set by the derived class.</summary>
    protected MessageDispatcher(MessageDispatcherConfigurator configurator)
    {
        Configurator = configurator;
        Throughput = DefaultThroughput;
        ShutdownTimeout = TimeSpan.FromSeconds(1);
    }

    internal MessageDispatcher(string id, int throughput, TimeSpan throughputDeadline, TimeSpan shutdownTimeout)
    {
        Id = id;
        Throughput = Math.Max(1, throughput);
        ThroughputDeadlineTime = throughputDeadline > TimeSpan.Zero ? throughputDeadline.Ticks : null;
        _deadline = throughputDeadline > TimeSpan.Zero ? (long)(throughputDeadline.TotalSeconds * Stopwatch.Frequency) : 0;
        ShutdownTimeout = shutdownTimeout;
    }

    public MessageDispatcherConfigurator Configurator { get; }

    public string Id { get; protected set; }

    /// <summary>Messages one mailbox may process before it goes to the back of the line.</summary>
    public int Throughput { get; set; }

    /// <summary>Ticks a run may last; null when only <see cref="Throughput"/> limits it.</summary>
    public long? ThroughputDeadlineTime { get; }

    public TimeSpan ShutdownTimeout { get; protected set; }

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

    internal virtual void RunOnPool(Mailbox mailbox) => PoolWorker.Work(mailbox);

    internal virtual Mailbox CreateMailbox(ActorCell cell) => new(cell, this);

    internal virtual void Attach(ActorCell cell)
    {
    }

    internal virtual void Detach(ActorCell cell)
    {
    }

    internal void SystemDispatch(ActorCell cell, SystemMessage message) => cell.Mailbox.PostSystem(message);

    /// <summary>When a run that begins now has to end, in units of <see cref="Stopwatch.GetTimestamp"/>; zero for never.</summary>
    internal long DeadlineFromNow() => _deadline == 0 ? 0 : Stopwatch.GetTimestamp() + _deadline;
}
