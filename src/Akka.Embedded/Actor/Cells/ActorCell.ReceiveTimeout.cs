// Notices silence. One timer at a time is under way; a message in between only moves the deadline, and the timer, when it fires early,
// is set again for the rest. So a busy actor pays nothing per message.

namespace Akka.Actor;

public sealed partial class ActorCell
{
    private TimeSpan? _receiveTimeout;
    private ICancelable _receiveTimer;
    private TimeSpan _lastActivity;

    public TimeSpan? ReceiveTimeout => _receiveTimeout;

    public void SetReceiveTimeout(TimeSpan? timeout = null)
    {
        if (timeout is { } value && value < TimeSpan.FromMilliseconds(1))
            throw new ArgumentException("Receive timeout should be positive and at least one millisecond.", nameof(timeout));
        CancelReceiveTimeout();
        _receiveTimeout = timeout;
        if (timeout is not null) RestartReceiveTimeout();
    }

    internal void ReceiveTimeoutAfterTask()
    {
        if (_receiveTimeout is not null) RestartReceiveTimeout();
    }

    private void CancelReceiveTimeout()
    {
        _receiveTimer?.Cancel();
        _receiveTimer = null;
        _receiveTimeout = null;
    }

    private void RestartReceiveTimeout()
    {
        if (_receiveTimeout is not { } timeout) return;
        _lastActivity = _system.Scheduler.MonotonicClock;
        if (_receiveTimer is null) Arm(timeout);
    }

    private void Arm(TimeSpan delay)
    {
        var timer = new Cancelable(_system.Scheduler.Advanced);
        _receiveTimer = timer;
        _system.Scheduler.ScheduleTellOnce(delay, _self, new ReceiveTimeoutCheck(timer), _self, timer);
    }

    /// <summary>The timer has fired: tell the actor if it was silent for the whole time, else wait for what is left of it.</summary>
    internal bool IsSilent(ReceiveTimeoutCheck check)
    {
        if (!ReferenceEquals(check.Timer, _receiveTimer) || _receiveTimeout is not { } timeout) return false;
        _receiveTimer = null;
        var left = timeout - (_system.Scheduler.MonotonicClock - _lastActivity);
        if (left <= TimeSpan.Zero) return true;
        Arm(left);
        return false;
    }
}
