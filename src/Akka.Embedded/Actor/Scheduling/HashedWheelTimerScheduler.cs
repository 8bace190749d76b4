// The clock of a running system. It keeps Akka.NET's name, which the configuration uses, and its promise (never early, late by little);
// inside it is one thread sleeping until the earliest of its entries is due, so that an idle system does not wake at all.

using System.Diagnostics;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

public sealed class HashedWheelTimerScheduler : SchedulerBase, IDisposable
{
    private const int PurgeFloor = 1024;

    private readonly object _gate = new();
    private readonly PriorityQueue<Entry, (long Due, long Order)> _entries = new();
    private readonly Thread _thread;
    private readonly TimeSpan _shutdownTimeout;
    private int _purgeAt = PurgeFloor;
    private long _order;
    private bool _stopped;

    public HashedWheelTimerScheduler(Config scheduler, ILoggingAdapter log)
        : base(scheduler, log)
    {
        _shutdownTimeout = scheduler.GetTimeSpan("shutdown-timeout");
        _thread = new Thread(Run) { IsBackground = true, Name = "akka-scheduler" };
        _thread.Start();
    }

    public override TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(0);
    public override TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(0);
    protected override DateTimeOffset TimeNow => DateTimeOffset.UtcNow;

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            _entries.Clear();
            Monitor.PulseAll(_gate);
        }

        if (!ReferenceEquals(Thread.CurrentThread, _thread) && !_thread.Join(_shutdownTimeout))
            Log.Warning("Failed to shutdown scheduler within {0}", _shutdownTimeout);
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, TimeSpan.Zero, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, TimeSpan.Zero, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Add(delay, TimeSpan.Zero, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, TimeSpan interval, Action action, ICancelable cancelable)
    {
        lock (_gate)
        {
            if (_stopped) throw new SchedulerException("cannot enqueue after timer shutdown");
            Enqueue(new Entry(action, interval, cancelable), MonotonicClock.Ticks + delay.Ticks);
        }
    }

    private void Enqueue(Entry entry, long due)
    {
        if (_entries.Count >= _purgeAt) Purge();
        _entries.Enqueue(entry, (due, _order++));
        if (ReferenceEquals(_entries.Peek(), entry)) Monitor.Pulse(_gate);
    }

    // Cancelled entries stay until they are due, or until there are so many that looking for them pays.
    private void Purge()
    {
        var live = _entries.UnorderedItems.Where(item => item.Element.Cancelable is not { IsCancellationRequested: true }).ToArray();
        _entries.Clear();
        _entries.EnqueueRange(live);
        _purgeAt = Math.Max(PurgeFloor, live.Length * 2);
    }

    private void Run()
    {
        while (true)
        {
            Entry due;
            lock (_gate)
            {
                if (_stopped) return;
                if (!_entries.TryPeek(out due, out var when))
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                var left = when.Due - MonotonicClock.Ticks;
                if (left > 0)
                {
                    var milliseconds = (left + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
                    Monitor.Wait(_gate, (int)Math.Min(milliseconds, int.MaxValue));
                    continue;
                }

                _entries.Dequeue();
                if (due.Cancelable is { IsCancellationRequested: true }) continue;
                if (due.Interval > TimeSpan.Zero) Enqueue(due, when.Due + due.Interval.Ticks);
            }

            Execute(due);
        }
    }

    private void Execute(Entry entry)
    {
        try
        {
            entry.Action();
        }
        catch (Exception failure)
        {
            // One user's action must not end everybody's clock.
            Log.Error(failure, "Error while executing scheduled task");
        }
    }

    private sealed record Entry(Action Action, TimeSpan Interval, ICancelable Cancelable);
}
