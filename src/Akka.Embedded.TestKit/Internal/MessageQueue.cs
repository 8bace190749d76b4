// What a test actor has received and nobody has looked at yet. Can be waited on by a thread or by a task.

namespace Akka.TestKit.Internal;

internal sealed class MessageQueue
{
    private readonly LinkedList<MessageEnvelope> _messages = new();
    private readonly object _gate = new();
    private TaskCompletionSource _arrival = New();

    internal int Count
    {
        get
        {
            lock (_gate) return _messages.Count;
        }
    }

    internal void Add(MessageEnvelope envelope)
    {
        TaskCompletionSource arrived;
        lock (_gate)
        {
            _messages.AddLast(envelope);
            Monitor.PulseAll(_gate);
            arrived = _arrival;
            _arrival = New();
        }

        arrived.TrySetResult();
    }

    /// <summary>Puts a message back in front.</summary>
    internal void Return(MessageEnvelope envelope)
    {
        lock (_gate) _messages.AddFirst(envelope);
    }

    internal IReadOnlyList<MessageEnvelope> TakeAll()
    {
        lock (_gate)
        {
            var all = _messages.ToArray();
            _messages.Clear();
            return all;
        }
    }

    /// <summary>The next message, waiting for it at most so long; null when none came.</summary>
    internal MessageEnvelope Take(TimeSpan wait, bool remove, CancellationToken cancellation)
    {
        var deadline = Deadline(wait);
        using var registration = cancellation.Register(() =>
        {
            lock (_gate) Monitor.PulseAll(_gate);
        });
        lock (_gate)
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (TakeNow(remove) is { } envelope) return envelope;
                var left = deadline - Environment.TickCount64;
                if (left <= 0) return null;
                Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
            }
        }
    }

    internal async Task<MessageEnvelope> TakeAsync(TimeSpan wait, bool remove, CancellationToken cancellation)
    {
        var deadline = Deadline(wait);
        while (true)
        {
            Task arrival;
            lock (_gate)
            {
                if (TakeNow(remove) is { } envelope) return envelope;
                arrival = _arrival.Task;
            }

            var left = deadline - Environment.TickCount64;
            if (left <= 0) return null;
            await Task.WhenAny(arrival, Task.Delay(TimeSpan.FromMilliseconds(Math.Min(left, int.MaxValue)), cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private MessageEnvelope TakeNow(bool remove)
    {
        if (_messages.First is not { } first) return null;
        if (remove) _messages.RemoveFirst();
        return first.Value;
    }

    private static long Deadline(TimeSpan wait) => wait < TimeSpan.Zero ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(wait.TotalMilliseconds);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
