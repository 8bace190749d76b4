// A reference with no actor behind it: asks, dead letters, loggers of last resort. Everything it does not override is a no-op.

using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public abstract class MinimalActorRef : InternalActorRefBase
{
    public override IInternalActorRef Parent => Nobody.Instance;
    public override bool IsLocal => true;
    public override bool IsTerminated => false;

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        foreach (var element in name)
            if (!string.IsNullOrEmpty(element)) return Nobody.Instance;
        return this;
    }

    public override void Resume(Exception causedByFailure = null)
    {
    }

    public override void Start()
    {
    }

    public override void Stop()
    {
    }

    public override void Restart(Exception cause)
    {
    }

    public override void Suspend()
    {
    }

    public override void SendSystemMessage(ISystemMessage message)
    {
    }

    protected override void TellInternal(object message, IActorRef sender)
    {
    }
}
