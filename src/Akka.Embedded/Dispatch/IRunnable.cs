// A piece of work an executor can run. Mailboxes are one themselves, so handing an actor to a thread allocates nothing.

namespace Akka.Dispatch;

public interface IRunnable
{
    void Run();
}

/// <summary>Wraps a delegate as a runnable.</summary>
public sealed class ActionRunnable(Action action) : IRunnable
{
    public void Run() => action();
}
