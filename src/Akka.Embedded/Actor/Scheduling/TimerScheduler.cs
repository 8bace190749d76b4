// The timers of one actor. What the scheduler sends carries the timer's generation, so that a message already in the mailbox when its timer is
// cancelled or replaced is dropped unseen.

namespace Akka.Actor;

/// <summary>A timer's message on its way to its own actor.</summary>
internal interface ITimerMsg
{
    object Key { get; }
    long Generation { get; }
    TimerScheduler Owner { get; }
}

internal sealed class TimerScheduler : ITimerScheduler
{
    private readonly Dictionary<object, ActiveTimer> _timers = [];
    private readonly ActorCell _cell;
    private long _generation;

    internal TimerScheduler(ActorCell cell) => _cell = cell;

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, _cell.Self);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) => Start(key, msg, initialDelay, interval, _cell.Self);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) =>
        Start(key, msg, initialDelay, interval, sender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, _cell.Self);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer)) timer.Task.Cancel();
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values) timer.Task.Cancel();
        _timers.Clear();
    }

    /// <summary>False for a message of a timer that is no more; else the user's own message.</summary>
    internal bool Accept(ITimerMsg timerMessage, out object message)
    {
        message = null;
        if (!ReferenceEquals(timerMessage.Owner, this)) return false;
        if (!_timers.TryGetValue(timerMessage.Key, out var timer) || timer.Generation != timerMessage.Generation) return false;
        if (!timer.Repeats) _timers.Remove(timerMessage.Key);
        message = timer.Message;
        return true;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval, IActorRef sender)
    {
        Cancel(key);
        var scheduler = _cell.System.Scheduler;
        var task = new Cancelable(scheduler.Advanced);
        var generation = ++_generation;
        ITimerMsg envelope = message is INotInfluenceReceiveTimeout
            ? new SilentTimerMsg(key, generation, this)
            : new TimerMsg(key, generation, this);
        _timers.Add(key, new ActiveTimer(message, interval is not null, generation, task));
        if (interval is { } period) scheduler.ScheduleTellRepeatedly(delay, period, _cell.Self, envelope, sender, task);
        else scheduler.ScheduleTellOnce(delay, _cell.Self, envelope, sender, task);
    }

    private sealed record ActiveTimer(object Message, bool Repeats, long Generation, ICancelable Task);

    private sealed record TimerMsg(object Key, long Generation, TimerScheduler Owner) : ITimerMsg, INoSerializationVerificationNeeded, Event.IDeadLetterSuppression;

    private sealed record SilentTimerMsg(object Key, long Generation, TimerScheduler Owner)
        : ITimerMsg, INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout, Event.IDeadLetterSuppression;
}
