// What the program promises in seconds it promises on a machine that lets it run. A test that measures on a busy one measures the others,
// too. So this clock stands still while a thread that is due does not run: a promise is held to the second on a free machine, and on a busy
// one to what the machine has given.

using System.Diagnostics;

namespace Lguest.Host.Tests.Terminal;

/// <summary>Time since its construction, without what the machine kept a thread waiting that had next to nothing to do.</summary>
internal sealed class FairClock : IDisposable
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(10);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ManualResetEvent _over = new(false);
    private readonly Thread _thread;
    private long _waited;

    public FairClock()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "fair clock" };
        _thread.Start();
    }

    public TimeSpan Elapsed => _watch.Elapsed - TimeSpan.FromTicks(Volatile.Read(ref _waited));

    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _over.Dispose();
    }

    private void Run()
    {
        var before = _watch.Elapsed;
        while (!_over.WaitOne(_step))
        {
            var now = _watch.Elapsed;

            // A timer is late by a little on every machine.
            if (now - before > 2 * _step)
                Volatile.Write(ref _waited, _waited + (now - before - _step).Ticks);
            before = now;
        }
    }
}
