// The Switcher's own dispatcher. On a real machine the Host's code runs on the processor that trapped; here, too: when a Guest's CPU actor hands its
// slot back and nobody is serving the Switcher's mailbox, the CPU's thread serves it on the spot. To wake another thread, and that one this one again,
// would cost ten times what most exits take. What others say to the Switcher is served by the shared threads, as for any actor.
//
//J:Switcher:701 Trapping without changing threads
// CpuExits brackets the one message that may carry the mailbox along: it marks the thread, tells the Switcher, and takes the mailbox if the dispatcher
// left it there. If another thread was just serving the Switcher, nothing was left, and the message waits for that one, as ever. The mark is gone
// while the mailbox runs, so whatever else the Switcher starts goes to the shared threads and a CPU's thread never does more than one turn of it.
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Lguest.Switcher.Actors;

/// <summary>Runs the Switcher on the thread of the CPU that exits, else on the thread pool, as the default dispatcher does.</summary>
public sealed class TrapDispatcher : MessageDispatcher
{
    [ThreadStatic]
    private static bool _isExiting;

    [ThreadStatic]
    private static IRunnable? _left;

    internal TrapDispatcher(MessageDispatcherConfigurator configurator)
        : base(configurator) => Id = configurator.Config.GetString("id");

    /// <summary>From a CPU's thread: tells the Switcher that the slot is back, and serves it if nobody else does.</summary>
    internal static void CpuExits(IActorRef switcher, object exit, IActorRef cpu)
    {
        _isExiting = true;
        switcher.Tell(exit, cpu);
        _isExiting = false;
        if (_left is not { } mailbox)
            return;
        _left = null;
        mailbox.Run();
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_isExiting)
        {
            _isExiting = false;
            _left = run;
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(run as IThreadPoolWorkItem ?? new PoolWork(run), preferLocal: false);
        }
    }

    /// <summary>It has no threads of its own to end.</summary>
    protected override void Shutdown()
    {
    }

    /// <summary>A task that is no mailbox.</summary>
    private sealed class PoolWork(IRunnable run) : IThreadPoolWorkItem
    {
        public void Execute() => run.Run();
    }
}
