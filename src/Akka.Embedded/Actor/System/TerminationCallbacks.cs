// What is to run after the last actor has stopped: newest first, as in unwinding.

namespace Akka.Actor;

internal sealed class TerminationCallbacks
{
    private readonly Lock _gate = new();
    private readonly Stack<Action> _callbacks = new();
    private bool _running;

    internal TerminationCallbacks(Task actorsStopped) =>
        TerminationTask = actorsStopped.ContinueWith(_ => RunAll(), CancellationToken.None, TaskContinuationOptions.RunContinuationsAsynchronously, TaskScheduler.Default);

    internal Task TerminationTask { get; }

    internal void Add(Action code)
    {
        lock (_gate)
        {
            if (_running) throw new InvalidOperationException("ActorSystem already terminated.");
            _callbacks.Push(code);
        }
    }

    private void RunAll()
    {
        lock (_gate) _running = true;
        while (_callbacks.TryPop(out var code)) code();
    }
}
