// A clock that stands still until a test moves it.

using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.TestKit;

public class TestScheduler : SchedulerBase
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly PriorityQueue<Item, (long Due, long Order)> _items = new();
    private DateTimeOffset _now;
    private long _order;

    public TestScheduler(Config schedulerConfig, ILoggingAdapter log)
        : base(schedulerConfig, log) => _now = _started;

    public DateTimeOffset Now => _now;
    public override TimeSpan MonotonicClock => _now - _started;
    public override TimeSpan HighResMonotonicClock => MonotonicClock;
    protected override DateTimeOffset TimeNow => _now;

    /// <summary>Moves time on and runs everything that falls due on the way, in order, on the calling thread.</summary>
    public void Advance(TimeSpan offset) => AdvanceTo(_now + offset);

    public void AdvanceTo(DateTimeOffset when)
    {
        if (when < _now) throw new InvalidOperationException("You can't reverse time...");
        _now = when;
        while (TakeDue(when) is { } item) item.Action();
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
        lock (_gate) _items.Enqueue(new Item(action, interval, cancelable), (_now.UtcTicks + delay.Ticks, _order++));
    }

    private Item TakeDue(DateTimeOffset until)
    {
        lock (_gate)
        {
            while (_items.TryPeek(out var item, out var when) && when.Due <= until.UtcTicks)
            {
                _items.Dequeue();
                if (item.Cancelable is { IsCancellationRequested: true }) continue;
                // As the real one does, a repeated item counts its interval from now, not from when it was due.
                if (item.Interval > TimeSpan.Zero) _items.Enqueue(item, (until.UtcTicks + item.Interval.Ticks, _order++));
                return item;
            }

            return null;
        }
    }

    private sealed record Item(Action Action, TimeSpan Interval, ICancelable Cancelable);
}
