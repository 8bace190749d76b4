// The threads that wait for the host's files, so that none of those that run Guests and actors has to. They are few, are started when there
// is something to do, and end when there was nothing for a while: a Guest that has a folder and does not look at it costs no thread.

namespace Lguest.Devices.Share;

/// <summary>A bounded number of threads for the requests of one device.</summary>
/// <param name="folder">The files.</param>
/// <param name="done">Called on the worker's thread when a request was run.</param>
internal sealed class ShareWorkers(ISharedFolder folder, Action<ShareWork> done) : IDisposable
{
    /// <summary>Most threads: so many files of a host that does not answer hold up the rest.</summary>
    public const int Most = 4;

    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(2);

    private readonly Queue<ShareWork> _waiting = [];
    private readonly object _lock = new();
    private int _threads;
    private int _idle;
    private bool _isClosed;

    /// <summary>Threads that there are now.</summary>
    public int Threads
    {
        get
        {
            lock (_lock)
                return _threads;
        }
    }

    /// <summary>Has a request run as soon as a thread is free.</summary>
    public void Add(ShareWork work)
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _waiting.Enqueue(work);
            if (_idle >= _waiting.Count)
                Monitor.Pulse(_lock);
            else if (_threads < Most)
                Start();
        }
    }

    /// <summary>What waits is dropped; what is being done is done to its end, which nobody waits for.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _waiting.Clear();
            Monitor.PulseAll(_lock);
        }
    }

    private void Start()
    {
        _threads++;
        new Thread(Work) { IsBackground = true, Name = "shared folder" }.Start();
    }

    private void Work()
    {
        while (Next() is { } work)
        {
            work.Run(folder);
            done(work);
        }
    }

    /// <summary>Waits for something to do; null when there was nothing for long.</summary>
    private ShareWork? Next()
    {
        lock (_lock)
        {
            while (_waiting.Count == 0)
            {
                _idle++;
                bool isWoken = !_isClosed && Monitor.Wait(_lock, _rest);
                _idle--;
                if (isWoken || _waiting.Count > 0)
                    continue;
                _threads--;
                return null;
            }

            return _waiting.Dequeue();
        }
    }
}
