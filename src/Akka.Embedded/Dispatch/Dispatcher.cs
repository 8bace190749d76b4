// The usual dispatcher: many actors share the threads of one executor.

namespace Akka.Dispatch;

public class Dispatcher : MessageDispatcher
{
    private readonly ExecutorService _executor;

    internal Dispatcher(string id, int throughput, TimeSpan throughputDeadline, TimeSpan shutdownTimeout, ExecutorService executor)
        : base(id, throughput, throughputDeadline, shutdownTimeout) => _executor = executor;

    protected override void ExecuteTask(IRunnable run) => _executor.Execute(run);

    internal override void Execute(Mailbox mailbox) => _executor.ExecuteMailbox(mailbox);

    protected internal override void Shutdown() => _executor.Shutdown();
}
