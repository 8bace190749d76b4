// Guests sleep with alarms of microseconds, and the actor system's scheduler knows only ticks of ten milliseconds. So the Switcher has an
// alarm clock of its own: one timer of .NET (a millisecond fine), set to the earliest alarm of all sleeping Guests, which only sends a
// message.
using Akka.Actor;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Actors;

/// <summary>Tells an actor when a moment has come. The owner calls <see cref="Set"/>; the message comes from a pool thread.</summary>
internal sealed class AlarmClock : IDisposable
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const long LongestWait = 1 << 30;
    private readonly IHostClock _clock;
    private readonly Timer _timer;
    private long _due = long.MaxValue;

    public AlarmClock(IActorRef owner, object message, IHostClock clock)
    {
        _clock = clock;
        _timer = new Timer(_ => owner.Tell(message, ActorRefs.NoSender), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Sets the clock to a moment of <see cref="IHostClock.Monotonic"/>; <see cref="long.MaxValue"/> turns it off. It rings
    /// once.</summary>
    public void Set(long due)
    {
        if (due == _due)
            return;
        _due = due;
        if (due == long.MaxValue)
        {
            _timer.Change(Timeout.Infinite, Timeout.Infinite);
            return;
        }

        long wait = Math.Clamp((due - _clock.Monotonic + NanosecondsPerMillisecond - 1) / NanosecondsPerMillisecond, 0, LongestWait);
        _timer.Change(wait, Timeout.Infinite);
    }

    /// <summary>The clock has rung: the next <see cref="Set"/> sets it afresh even to the same moment (it may have rung a little
    /// early).</summary>
    public void Rang() => _due = long.MaxValue;

    public void Dispose() => _timer.Dispose();
}
