// Akka's own scheduler turns a wheel: it wakes a thread at each tick, a hundred times a second, whether anything is due or not. In a node
// of idle Guests that was half of the processor time. This one has a thread, too, but that sleeps until what is due next. A timer of .NET
// would carry it out on the process's pool, and heartbeats are to be sent whatever else has that wait.
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Lguest.Machine;
using Lguest.Machine.Actors;

namespace Lguest.Switcher.Actors;

/// <summary>A scheduler for an actor system (<c>akka.scheduler.implementation</c>). Moments are rounded up to whole ticks
/// (<c>akka.scheduler.tick-duration</c>), so that what is due at about the same time wakes one thread once; an order that repeats counts
/// its interval from when it was carried out, so that a process that was stopped does not make up for what it missed. The same as Akka's
/// own in both.</summary>
public sealed class AlarmScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    private const int FewOrders = 64;
    private static readonly TimeSpan _longestWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly SortedSet<Order> _orders = new(Comparer<Order>.Create(
        (one, other) => one.Due != other.Due ? one.Due.CompareTo(other.Due) : one.Number.CompareTo(other.Number)));

    // Akka makes it before there is a system, and so it has no other clock than the machine's.
    private readonly SystemClock _clock = SystemClock.Instance;
    private readonly TimeSpan _start = SystemClock.Instance.Monotonic.Span;
    private readonly long _tick;
    private ThreadPark? _park; // where its thread sleeps; null before the first order
    private long _number;
    private int _manyOrders = FewOrders;
    private bool _isAsleep;
    private bool _isOver;

    /// <summary>As Akka makes it.</summary>
    public AlarmScheduler(Config scheduler, ILoggingAdapter log)
        : base(scheduler, log) =>
        _tick = Math.Max(TimeSpan.TicksPerMillisecond, scheduler.GetTimeSpan("akka.scheduler.tick-duration").Ticks);

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => HighResMonotonicClock;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => _clock.Monotonic.Span - _start;

    /// <summary>How often its thread has woken up.</summary>
    internal int Rings { get; private set; }

    /// <summary>Orders that wait, those among them that were cancelled and not yet found included.</summary>
    internal int Waiting
    {
        get
        {
            lock (_lock)
                return _orders.Count;
        }
    }

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => _clock.Wall.SinceEpoch;

    /// <summary>Carries out at once what still waits, as Akka's own does: somebody may wait for it. Later orders are refused.</summary>
    public void Dispose()
    {
        List<Order> left;
        lock (_lock)
        {
            if (_isOver)
                return;
            _isOver = true;
            left = [.. _orders];
            _orders.Clear();
            _park?.Wake();
        }

        left.ForEach(CarryOut);
    }

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, TimeSpan.Zero, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Add(delay, TimeSpan.Zero, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Add(delay, TimeSpan.Zero, action.Run, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable)
    {
        lock (_lock)
        {
            if (_isOver)
                throw new SchedulerException("the scheduler has been stopped with its actor system");
            Put(new Order(interval, action, cancelable), delay);
            if (_orders.Count <= _manyOrders)
                return;

            // Cancelled orders are found when they are due; a program that orders and cancels all the time must not pile them up till then.
            _orders.RemoveWhere(order => order.IsCancelled);
            _manyOrders = Math.Max(FewOrders, 2 * _orders.Count);
        }
    }

    private void Put(Order order, TimeSpan delay)
    {
        long due = HighResMonotonicClock.Ticks + Math.Min(delay.Ticks, long.MaxValue / 2);
        order.Due = (due + _tick - 1) / _tick * _tick;
        order.Number = _number++;
        _orders.Add(order);
        if (_park is null)
        {
            _park = new ThreadPark();
            new Thread(Keep) { IsBackground = true, Name = "scheduler" }.Start();
        }
        else if (_isAsleep && ReferenceEquals(_orders.Min, order))
        {
            _isAsleep = false;
            _park.Wake();
        }
    }

    private void Keep()
    {
        using var park = _park!;
        while (TryNext(out var due, out long wait))
        {
            if (due is null)
            {
                park.Wait(wait);
                Rings++;
                continue;
            }

            CarryOut(due);
            if (due.Interval <= TimeSpan.Zero)
                continue;
            lock (_lock)
            {
                if (!_isOver && !due.IsCancelled)
                    Put(due, due.Interval);
            }
        }
    }

    /// <summary>What the thread does next.</summary>
    /// <param name="due">An order whose time has come; null if there is none.</param>
    /// <param name="wait">Nanoseconds until there is one; <see cref="long.MaxValue"/> for ever.</param>
    /// <returns>False when the scheduler was stopped.</returns>
    private bool TryNext(out Order? due, out long wait)
    {
        due = null;
        wait = long.MaxValue;
        lock (_lock)
        {
            while (!_isOver && _orders.Min is { } next)
            {
                var left = TimeSpan.FromTicks(next.Due) - HighResMonotonicClock;
                if (left > TimeSpan.Zero && !next.IsCancelled)
                {
                    wait = Nanoseconds.Of(left < _longestWait ? left : _longestWait);
                    break;
                }

                _orders.Remove(next);
                if (next.IsCancelled)
                    continue;
                due = next;
                return true;
            }

            _isAsleep = true;
            return !_isOver;
        }
    }

    private void CarryOut(Order order)
    {
        if (order.IsCancelled)
            return;
        try
        {
            order.Action();
        }
        catch (Exception problem)
        {
            // An order is anybody's code. Its failure concerns none of the others.
            Log.Error(problem, "a scheduled order failed");
        }
    }

    private sealed class Order(TimeSpan interval, Action action, ICancelable? cancelable)
    {
        public TimeSpan Interval { get; } = interval;

        public Action Action { get; } = action;

        /// <summary>In the ticks of .NET since the scheduler's start.</summary>
        public long Due { get; set; }

        public long Number { get; set; }

        public bool IsCancelled => cancelable is { IsCancellationRequested: true };
    }
}
