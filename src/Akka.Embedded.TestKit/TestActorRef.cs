// A reference to an actor that runs on the calling thread and lets a test look at its insides.

using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.TestKit;

public class TestActorRef<TActor> : IInternalActorRef
    where TActor : ActorBase
{
    private readonly LocalActorRef _inner;

    public TestActorRef(ActorSystem system, Props actorProps, IActorRef supervisor = null, string name = null)
    {
        var props = actorProps.Deploy.Dispatcher == Deploy.NoDispatcherGiven ? actorProps.WithDispatcher(CallingThreadDispatcher.Id) : actorProps;
        _inner = supervisor is null or not LocalActorRef
            ? (LocalActorRef)system.ActorOf(props, name)
            : (LocalActorRef)((LocalActorRef)supervisor).Cell.ActorOf(props, name);
    }

    public IActorRef Ref => _inner;
    public ActorPath Path => _inner.Path;

    /// <summary>The actor itself; only safe to touch when nobody else sends to it.</summary>
    public TActor UnderlyingActor => (TActor)(_inner.Cell.Actor
        ?? throw new IllegalActorStateException("Underlying actor not available: it is not created yet, or stopped."));

    bool IActorRefScope.IsLocal => true;
    IInternalActorRef IInternalActorRef.Parent => _inner.Parent;
    IActorRefProvider IInternalActorRef.Provider => _inner.Provider;
    bool IInternalActorRef.IsTerminated => _inner.IsTerminated;

    /// <summary>Delivers a message at once; what the actor throws comes out here.</summary>
    public void Receive(object message, IActorRef sender = null) => _inner.Cell.ReceiveMessageForTest(new Envelope(message, sender));

    public void Tell(object message) => _inner.Tell(message);
    public void Tell(object message, IActorRef sender) => _inner.Tell(message, sender);
    public void Watch(IActorRef subject) => _inner.Cell.UseThreadContext(() => _inner.Cell.Watch(subject));
    public void Unwatch(IActorRef subject) => _inner.Cell.UseThreadContext(() => _inner.Cell.Unwatch(subject));

    public bool Equals(IActorRef other) => _inner.Equals(other is TestActorRef<TActor> test ? test._inner : other);
    public override bool Equals(object obj) => Equals(obj as IActorRef);
    public override int GetHashCode() => _inner.GetHashCode();
    public int CompareTo(IActorRef other) => _inner.CompareTo(other);
    public int CompareTo(object obj) => _inner.CompareTo(obj);
    public override string ToString() => _inner.ToString();

    IActorRef IInternalActorRef.GetChild(IReadOnlyList<string> name) => _inner.GetChild(name);
    void IInternalActorRef.Resume(Exception causedByFailure) => _inner.Resume(causedByFailure);
    void IInternalActorRef.Start() => _inner.Start();
    void IInternalActorRef.Stop() => _inner.Stop();
    void IInternalActorRef.Restart(Exception cause) => _inner.Restart(cause);
    void IInternalActorRef.Suspend() => _inner.Suspend();
    void IInternalActorRef.SendSystemMessage(ISystemMessage message) => _inner.SendSystemMessage(message);
}
