// What the runtime may do to a reference beyond telling: steer its life cycle by system messages and walk the tree.

using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public interface IInternalActorRef : IActorRef, IActorRefScope
{
    IInternalActorRef Parent { get; }
    IActorRefProvider Provider { get; }
    bool IsTerminated { get; }

    /// <summary>Walks down by names ("..", "" and child names); Nobody where the walk leaves the tree.</summary>
    IActorRef GetChild(IReadOnlyList<string> name);

    void Resume(Exception causedByFailure = null);
    void Start();
    void Stop();
    void Restart(Exception cause);
    void Suspend();
    void SendSystemMessage(ISystemMessage message);
}
