// Threads, as a dispatcher sees them. Which threads those are is for each kind of executor to say.

namespace Akka.Dispatch;

public abstract class ExecutorService(string id)
{
    public string Id { get; } = id;

    public abstract void Execute(IRunnable run);

    public abstract void Shutdown();

    internal virtual void ExecuteMailbox(Mailbox mailbox) => Execute(mailbox);
}
