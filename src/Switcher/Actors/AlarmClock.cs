// Guests sleep with alarms of microseconds, and the actor system's scheduler knows only ticks of ten milliseconds. So the Switcher has an
// alarm clock of its own, set to the earliest alarm of all sleeping Guests, which only sends a message. The threads of the CPUs keep it,
// and a timer of .NET (a millisecond fine) where the CPUs run on other threads.
using Akka.Actor;
using Akka.Dispatch;
using Lguest.Machine;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Actors;

/// <summary>Tells an actor when a moment has come. The owner calls <see cref="Set"/>; the message comes from another thread.</summary>
internal sealed class AlarmClock : IDisposable
{
    private const long LongestWait = 1 << 30;
    private readonly IHostClock _clock;
    private readonly CpuDispatcher.Alarm? _alarm;
    private readonly Timer? _timer;
    private long _due = long.MaxValue;

    public AlarmClock(IActorRef owner, object message, IHostClock clock, MessageDispatcher cpus)
    {
        _clock = clock;
        _alarm = (cpus as CpuDispatcher)?.NewAlarm(owner, message);
        if (_alarm is null)
            _timer = new Timer(_ => owner.Tell(message, ActorRefs.NoSender), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Sets the clock to a moment of <see cref="IHostClock.Monotonic"/>; <see cref="long.MaxValue"/> turns it off. It rings
    /// once.</summary>
    public void Set(long due)
    {
        if (due == _due)
            return;
        _due = due;
        bool isOff = due == long.MaxValue;
        long wait = isOff ? due : Math.Max(0, due - _clock.Monotonic);
        _alarm?.Set(wait);
        _timer?.Change(
            isOff ? Timeout.Infinite : Math.Min((wait + Nanoseconds.PerMillisecond - 1) / Nanoseconds.PerMillisecond, LongestWait),
            Timeout.Infinite);
    }

    /// <summary>The clock has rung: the next <see cref="Set"/> sets it afresh even to the same moment (it may have rung a little
    /// early).</summary>
    public void Rang() => _due = long.MaxValue;

    public void Dispose()
    {
        _alarm?.Dispose();
        _timer?.Dispose();
    }
}
