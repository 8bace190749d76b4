// What one pool thread holds while it runs mailboxes: a single parking place for the next one.
// An actor that answers another usually finishes right after; running the receiver on the same thread saves waking a second one, and is what
// makes a local round trip cheap. Parking hides the receiver from other threads, so it must be short: the place is given up as soon as the
// current mailbox goes on to another message, and a timer gives it up when a handler blocks or computes for long.

namespace Akka.Dispatch;

internal sealed class PoolWorker
{
    // How many parked mailboxes a thread runs in a row before it lets the pool's other work have its turn.
    private const int LongestChain = 64;
    private static readonly TimeSpan _longestParking = TimeSpan.FromMilliseconds(1);

    [ThreadStatic]
    private static PoolWorker _active;

    [ThreadStatic]
    private static PoolWorker _idle;

    private readonly Timer _timer;
    private Mailbox _parked;
    private int _timerArmed;

    private PoolWorker() => _timer = new Timer(static state => ((PoolWorker)state).TimeIsUp(), this, Timeout.Infinite, Timeout.Infinite);

    /// <summary>The worker of this thread while it runs mailboxes, else null.</summary>
    internal static PoolWorker Current => _active;

    internal bool HasParked => Volatile.Read(ref _parked) is not null;

    internal static void Work(Mailbox mailbox)
    {
        var worker = _idle ??= new PoolWorker();
        _active = worker;
        try
        {
            var chain = 0;
            while (mailbox is not null)
            {
                mailbox.Run();
                mailbox = Interlocked.Exchange(ref worker._parked, null);
                if (mailbox is null || ++chain < LongestChain) continue;
                Queue(mailbox);
                mailbox = null;
            }
        }
        finally
        {
            _active = null;
            worker.Publish();
        }
    }

    internal static void Queue(Mailbox mailbox) => ThreadPool.UnsafeQueueUserWorkItem(mailbox, preferLocal: false);

    /// <summary>Takes the mailbox as the next to run here; false when the place is taken.</summary>
    internal bool TryPark(Mailbox mailbox)
    {
        if (_parked is not null || Interlocked.CompareExchange(ref _parked, mailbox, null) is not null) return false;
        if (_timerArmed == 0)
        {
            Volatile.Write(ref _timerArmed, 1);
            _timer.Change(_longestParking, Timeout.InfiniteTimeSpan);
        }

        return true;
    }

    /// <summary>Gives the parked mailbox to whichever pool thread is free.</summary>
    internal void Publish()
    {
        if (HasParked && Interlocked.Exchange(ref _parked, null) is { } mailbox) Queue(mailbox);
    }

    private void TimeIsUp()
    {
        // A full fence: whoever parks from here on sees the timer unarmed, or we see what was parked.
        Interlocked.Exchange(ref _timerArmed, 0);
        Publish();
    }
}
