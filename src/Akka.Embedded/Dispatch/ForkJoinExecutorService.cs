// A fixed set of threads that nobody else uses: work that computes for long runs here without starving the shared pool.

using System.Collections.Concurrent;

namespace Akka.Dispatch;

internal sealed class ForkJoinExecutorService : ExecutorService
{
    private readonly ConcurrentQueue<IRunnable> _work = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly Thread[] _threads;
    private volatile bool _stopping;

    internal ForkJoinExecutorService(string id, int threadCount, bool background)
        : base(id)
    {
        _threads = new Thread[threadCount];
        for (var i = 0; i < threadCount; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = background, Name = $"{id}_{i + 1}" };
            _threads[i].Start();
        }
    }

    public override void Execute(IRunnable run)
    {
        _work.Enqueue(run);
        _available.Release();
    }

    public override void Shutdown()
    {
        _stopping = true;
        _available.Release(_threads.Length);
    }

    private void Work()
    {
        while (true)
        {
            _available.Wait();
            if (_work.TryDequeue(out var run)) run.Run();
            else if (_stopping) return;
        }
    }
}
