// A dispatcher for exactly one actor: a thread of its own, from its start to its end.

using Akka.Actor;

namespace Akka.Dispatch;

public sealed class PinnedDispatcher : MessageDispatcher
{
    private readonly ForkJoinExecutorService _thread;
    private ActorCell _owner;

    internal PinnedDispatcher(string id, int throughput, TimeSpan throughputDeadline, TimeSpan shutdownTimeout, bool background)
        : base(id, throughput, throughputDeadline, shutdownTimeout) => _thread = new ForkJoinExecutorService(id, 1, background);

    protected override void ExecuteTask(IRunnable run) => _thread.Execute(run);

    protected internal override void Shutdown() => _thread.Shutdown();

    internal override void Attach(ActorCell cell)
    {
        if (_owner is not null && !ReferenceEquals(_owner, cell))
            throw new InvalidOperationException($"Cannot register {cell.Self} with a pinned dispatcher that belongs to {_owner.Self}.");
        _owner = cell;
    }

    internal override void Detach(ActorCell cell) => Shutdown();
}
