// The heart of the runtime: an actor's queue, and the rule that one thread at a time empties it.
// One integer says everything about scheduling: closed, scheduled, and how often suspended. Whoever flips "scheduled" from off to on owns the
// duty to bring the mailbox to a thread; the run that follows flips it off again and looks once more, so that no message is left lying.

using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>A multi-producer, single-consumer queue of envelopes with its own scheduling state; the unit of work of every executor.</summary>
public sealed class Mailbox : IRunnable, IThreadPoolWorkItem
{
    private const int Closed = 1;
    private const int Scheduled = 2;
    private const int SuspendUnit = 4;

    private readonly ConcurrentQueue<Envelope> _queue = new();
    private readonly ActorCell _cell;
    private SystemMessage _systemMessages;

    // Messages put back in front by a stash. Only the running actor touches it, so it needs no protection.
    private LinkedList<Envelope> _front;
    private int _status;

    internal Mailbox(ActorCell cell, MessageDispatcher dispatcher)
    {
        _cell = cell;
        Dispatcher = dispatcher;
    }

    /// <summary>The dispatcher whose threads run this mailbox.</summary>
    public MessageDispatcher Dispatcher { get; }

    internal bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;
    internal bool IsSuspended => Volatile.Read(ref _status) >= SuspendUnit;
    internal bool HasMessages => _front is { Count: > 0 } || !_queue.IsEmpty;
    internal int NumberOfMessages => (_front?.Count ?? 0) + _queue.Count;
    private bool HasSystemMessages => Volatile.Read(ref _systemMessages) is not null;

    /// <summary>Adds a message and sees to it that a thread comes for it. A closed mailbox passes it on to dead letters.</summary>
    internal void Post(in Envelope envelope)
    {
        if (IsClosed)
        {
            _cell.DeadLetter(envelope);
            return;
        }

        _queue.Enqueue(envelope);
        // Usually the mailbox is idle and this starts its run. When it does not, it is still the fence that makes our message visible before we
        // look at the status again: a run under way may be about to end.
        if (Interlocked.CompareExchange(ref _status, Scheduled, 0) == 0 || TryStartRun()) Dispatcher.Execute(this);
        else if (IsClosed) DrainToDeadLetters();
    }

    internal void PostFirst(in Envelope envelope) => (_front ??= new LinkedList<Envelope>()).AddFirst(envelope);

    internal void PostSystem(SystemMessage message)
    {
        if (IsClosed)
        {
            _cell.DeadSystemMessage(message);
            return;
        }

        SystemMessage head;
        do
        {
            head = Volatile.Read(ref _systemMessages);
            message.Next = head;
        }
        while (Interlocked.CompareExchange(ref _systemMessages, message, head) != head);

        if (TryStartRun()) Dispatcher.Execute(this);
        else if (IsClosed) DrainSystemToDead();
    }

    internal void Suspend() => AddToStatus(SuspendUnit);

    internal void Resume()
    {
        if (IsSuspended) AddToStatus(-SuspendUnit);
    }

    /// <summary>Ends the mailbox: what is queued, and all that still comes, is dead.</summary>
    internal void Close()
    {
        Interlocked.Or(ref _status, Closed);
        DrainSystemToDead();
        if (_front is { } front)
        {
            foreach (var envelope in front) _cell.DeadLetter(envelope);
            front.Clear();
        }

        DrainToDeadLetters();
    }

    void IThreadPoolWorkItem.Execute() => Dispatcher.RunOnPool(this);

    /// <summary>One run: all system messages, then at most the dispatcher's throughput of user messages, then a last look.</summary>
    public void Run()
    {
        if (!IsClosed)
        {
            var outer = ActorCell.EnterThread(_cell);
            try
            {
                ProcessSystemMessages();
                ProcessUserMessages();
            }
            finally
            {
                ActorCell.LeaveThread(outer);
            }
        }

        Interlocked.And(ref _status, ~Scheduled);
        if (TryStartRun()) Dispatcher.ExecuteAgain(this);
        else if (IsClosed)
        {
            DrainSystemToDead();
            DrainToDeadLetters();
        }
    }

    private void ProcessUserMessages()
    {
        var left = Dispatcher.Throughput;
        var deadline = Dispatcher.DeadlineFromNow();
        var worker = PoolWorker.Current;
        while (Volatile.Read(ref _status) < SuspendUnit && !IsClosed && TryTake(out var envelope))
        {
            _cell.Invoke(envelope);
            if (HasSystemMessages) ProcessSystemMessages();
            if (--left <= 0 || (deadline != 0 && Stopwatch.GetTimestamp() >= deadline)) return;
            // Another mailbox waits behind us on this thread: if we are not at our end, let somebody else have it.
            if (worker is { HasParked: true } && HasMessages) worker.Publish();
        }
    }

    private bool TryTake(out Envelope envelope)
    {
        if (_front is not { Count: > 0 } front) return _queue.TryDequeue(out envelope);
        envelope = front.First.Value;
        front.RemoveFirst();
        return true;
    }

    private void ProcessSystemMessages()
    {
        while (HasSystemMessages && !IsClosed)
        {
            var message = TakeSystemMessages();
            while (message is not null)
            {
                var next = message.Next;
                message.Next = null;
                if (IsClosed) _cell.DeadSystemMessage(message);
                else _cell.InvokeSystem(message);
                message = next;
            }
        }
    }

    // The chain is built newest first; hand it over oldest first.
    private SystemMessage TakeSystemMessages()
    {
        var message = Interlocked.Exchange(ref _systemMessages, null);
        SystemMessage ordered = null;
        while (message is not null)
        {
            var next = message.Next;
            message.Next = ordered;
            ordered = message;
            message = next;
        }

        return ordered;
    }

    private bool TryStartRun()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & (Closed | Scheduled)) != 0) return false;
            if (!HasSystemMessages && (status >= SuspendUnit || !HasMessages)) return false;
            if (Interlocked.CompareExchange(ref _status, status | Scheduled, status) == status) return true;
        }
    }

    private void AddToStatus(int amount)
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if (Interlocked.CompareExchange(ref _status, status + amount, status) == status) return;
        }
    }

    private void DrainToDeadLetters()
    {
        while (_queue.TryDequeue(out var envelope)) _cell.DeadLetter(envelope);
    }

    private void DrainSystemToDead()
    {
        var message = TakeSystemMessages();
        while (message is not null)
        {
            var next = message.Next;
            _cell.DeadSystemMessage(message);
            message = next;
        }
    }
}
