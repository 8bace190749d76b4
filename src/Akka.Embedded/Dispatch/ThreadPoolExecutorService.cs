// The .NET thread pool as an executor. A mailbox made runnable by an actor on one of our pool threads stays there when it can (see PoolWorker).

namespace Akka.Dispatch;

internal sealed class ThreadPoolExecutorService(string id) : ExecutorService(id)
{
    public override void Execute(IRunnable run)
    {
        if (run is Mailbox mailbox) PoolWorker.Queue(mailbox);
        else ThreadPool.UnsafeQueueUserWorkItem(static work => work.Run(), run, preferLocal: false);
    }

    public override void Shutdown()
    {
    }

    internal override void ExecuteMailbox(Mailbox mailbox)
    {
        if (PoolWorker.Current is not { } worker || !worker.TryPark(mailbox)) PoolWorker.Queue(mailbox);
    }
}
