// Stands above the root so that even the root has somebody to tell of its end. Its one duty: to know when the whole tree is gone.

using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

internal sealed class RootGuardianSupervisor : MinimalActorRef
{
    private readonly TaskCompletionSource _terminated;
    private readonly EventStream _eventStream;

    internal RootGuardianSupervisor(IActorRefProvider provider, RootActorPath root, TaskCompletionSource terminated, EventStream eventStream)
    {
        Provider = provider;
        Path = root / "_Root-guardian-supervisor";
        _terminated = terminated;
        _eventStream = eventStream;
    }

    public override ActorPath Path { get; }
    public override IActorRefProvider Provider { get; }

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Failed failed:
                _eventStream.Publish(new Error(failed.Cause, Path.ToString(), GetType(), $"guardian {failed.Child} failed, shutting down!"));
                ((IInternalActorRef)failed.Child).Stop();
                break;
            case DeathWatchNotification:
                _terminated.TrySetResult();
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef sender) =>
        _eventStream.Publish(new Error(null, Path.ToString(), GetType(), $"{this} received unexpected message [{message}]"));
}
