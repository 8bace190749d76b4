// A link's delay is kept to a fraction of a millisecond, and neither the actor runtime's scheduler (10 ms) nor .NET's timers (a
// millisecond, on a pool thread that may be busy) can do that. So a lan with slow links has a thread of its own, which sleeps until the
// next frame is due and then sends a message.
//
//J:Net:140 Twenty milliseconds are twenty milliseconds
// The link knows to the nanosecond when a frame is due, for it counts from the moment the frame left its Guest's ring, which the card's
// actor noted; so time spent in mailboxes on the way to the lan is not added to the delay. What is left is to be there when the time has
// come. A thread waits on a monitor as long as that can be trusted, to within some milliseconds, and sleeps through the rest in short naps
// of the operating system's own, which wake to a tenth of a millisecond and cost next to nothing. It never spins: a Guest may need the
// processor.

using System.Runtime.InteropServices;
using Akka.Actor;
using Lguest.Machine;

namespace Lguest.Net.Lans.Actors;

/// <summary>Tells an actor when a moment of <see cref="IHostClock.Monotonic"/> has come. Any thread may set it.</summary>
internal sealed class PreciseAlarm : IDisposable
{
    /// <summary>Waiting for a monitor takes whole milliseconds and up to another one more; what is left after that is slept
    /// through.</summary>
    private const long Coarse = 3 * Nanoseconds.PerMillisecond;

    /// <summary>The longest uninterruptible sleep: an alarm that is set to an earlier moment meanwhile is at most this late.</summary>
    private const long Fine = 250_000;

    private readonly object _lock = new();
    private readonly IHostClock _clock;
    private readonly IActorRef _owner;
    private readonly object _message;
    private long _due = long.MaxValue;
    private bool _isOver;

    public PreciseAlarm(IActorRef owner, object message, IHostClock clock)
    {
        _clock = clock;
        _owner = owner;
        _message = message;
        new Thread(Keep) { IsBackground = true, Name = "lan-alarm", Priority = ThreadPriority.Highest }.Start();
    }

    /// <summary>Sets the alarm; <see cref="long.MaxValue"/> turns it off. It rings once, never before its time.</summary>
    public void Set(long due)
    {
        lock (_lock)
        {
            if (due == _due)
                return;
            bool isEarlier = due < _due;
            _due = due;
            if (isEarlier)
                Monitor.Pulse(_lock);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.Pulse(_lock);
        }
    }

    private void Keep()
    {
        while (true)
        {
            long left;
            lock (_lock)
            {
                if (_isOver)
                    return;
                left = _due == long.MaxValue ? long.MaxValue : _due - _clock.Monotonic;
                if (left > Coarse)
                {
                    Monitor.Wait(_lock, left == long.MaxValue ? Timeout.Infinite
                        : (int)Math.Min((left - Coarse) / Nanoseconds.PerMillisecond + 1, int.MaxValue));
                    continue;
                }

                if (left <= 0)
                    _due = long.MaxValue;
            }

            if (left <= 0)
                _owner.Tell(_message, ActorRefs.NoSender);
            else
                Sleep(Math.Min(left, Fine));
        }
    }

    private static void Sleep(long nanoseconds)
    {
        if (OperatingSystem.IsWindows())
        {
            // This thread is the alarm's own and has nothing else to do; Windows has no nanosleep, and a millisecond is the shortest it
            // sleeps.
            Thread.Sleep(1);
            return;
        }

        var time = new TimeSpecification(0, (nint)nanoseconds);
        _ = NanoSleep(in time, 0);
    }

    /// <summary>nanosleep(2), which .NET has no name for.</summary>
    [DllImport("libc", EntryPoint = "nanosleep")]
    private static extern int NanoSleep(in TimeSpecification time, nint remaining);

    /// <summary>struct timespec.</summary>
    private readonly struct TimeSpecification(nint seconds, nint nanoseconds)
    {
        public readonly nint Seconds = seconds;
        public readonly nint Nanoseconds = nanoseconds;
    }
}
