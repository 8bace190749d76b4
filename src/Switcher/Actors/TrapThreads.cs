// The threads that serve the Switcher, the lans and the cards when no CPU's thread does. They are not those of .NET's pool, which belong to
// the whole process: a program that runs a node inside itself, a test above all, may have them wait for something. The pool then adds one
// more after half a second at best, takes it away again, and until then no frame and no interrupt reaches a Guest, whose clock goes on.
using Akka.Dispatch;
using Lguest.Switcher.Threads;

namespace Lguest.Switcher.Actors;

/// <summary>A few threads, started when they are needed, for mailboxes that never block. Any thread may add one.</summary>
/// <param name="most">How many threads there may be.</param>
/// <param name="failed">Is told what a mailbox threw.</param>
internal sealed class TrapThreads(int most, Action<Exception> failed)
{
    [ThreadStatic]
    private static TrapThreads? _here;

    private readonly Lock _lock = new();
    private readonly CpuQueue<ThreadPark, IRunnable> _queue = new(most);

    /// <summary>One of the threads runs it.</summary>
    public void Add(IRunnable mailbox)
    {
        lock (_lock)
        {
            // One of these threads runs next what it has found to do, unless it has found something before: a frame goes from lan to card
            // to Switcher on one thread, and what a lan has for many cards is done by several.
            var change = _queue.Add(mailbox, isFree: _here == this && !_queue.HasReady);
            change.Wake?.Wake();
            if (change.Start)
                new Thread(Work) { IsBackground = true, Name = "switcher" }.Start();
        }
    }

    /// <summary>The threads end when nothing is left to run; they start again with the next mailbox.</summary>
    public void End()
    {
        lock (_lock)
        {
            foreach (var resting in _queue.End())
                resting.Wake();
        }
    }

    private void Work()
    {
        _here = this;
        using ThreadPark park = new();
        while (true)
        {
            CpuQueue<ThreadPark, IRunnable>.Turn turn;
            lock (_lock)
                turn = _queue.Next(park, long.MaxValue);
            if (turn.IsOver)
                return;
            if (turn.Run is { } mailbox)
                Run(mailbox);
            else
                Rest(park, turn.Until);
        }
    }

    private void Rest(ThreadPark park, long until)
    {
        park.Wait(until);
        lock (_lock)
            _queue.Wakes(park);
    }

    private void Run(IRunnable mailbox)
    {
        try
        {
            mailbox.Run();
        }
        catch (Exception problem)
        {
            // A mailbox handles what its actor throws. What comes out all the same must not take the whole process along.
            failed(problem);
        }
    }
}
