// A test actor of its own: stands for a neighbour of the actor under test, and says what that neighbour got.

using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.TestKit;

public class TestProbe : TestKitBase, INoImplicitSender, IInternalActorRef
{
    private static long _probeNumber;

    public TestProbe(ActorSystem system, ITestKitAssertions assertions, string testProbeName = null)
        : base(assertions, system, testProbeName is null ? "testProbe" + Interlocked.Increment(ref _probeNumber) : testProbeName)
    {
    }

    /// <summary>The reference to give to others.</summary>
    public IActorRef Ref => TestActor;

    public IActorRef Sender => LastSender;
    public ActorPath Path => TestActor.Path;
    bool IActorRefScope.IsLocal => true;
    IInternalActorRef IInternalActorRef.Parent => Inner.Parent;
    IActorRefProvider IInternalActorRef.Provider => Inner.Provider;
    bool IInternalActorRef.IsTerminated => Inner.IsTerminated;

    private IInternalActorRef Inner => (IInternalActorRef)TestActor;

    /// <summary>Sends as the probe, so that answers come to it.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, TestActor);

    public void Forward(IActorRef actor) => Forward(actor, LastMessage);

    public void Forward(IActorRef actor, object message) => actor.Tell(message, LastSender);

    public void Reply(object message) => LastSender.Tell(message, TestActor);

    public void Tell(object message, IActorRef sender) => TestActor.Tell(message, sender);

    public bool Equals(IActorRef other) => TestActor.Equals(other);
    public int CompareTo(IActorRef other) => TestActor.CompareTo(other);
    public int CompareTo(object obj) => TestActor.CompareTo(obj);
    public override bool Equals(object obj) => ReferenceEquals(this, obj) || TestActor.Equals(obj);
    public override int GetHashCode() => TestActor.GetHashCode();
    public override string ToString() => $"{TestActor}";

    IActorRef IInternalActorRef.GetChild(IReadOnlyList<string> name) => Inner.GetChild(name);
    void IInternalActorRef.Resume(Exception causedByFailure) => Inner.Resume(causedByFailure);
    void IInternalActorRef.Start() => Inner.Start();
    void IInternalActorRef.Stop() => Inner.Stop();
    void IInternalActorRef.Restart(Exception cause) => Inner.Restart(cause);
    void IInternalActorRef.Suspend() => Inner.Suspend();
    void IInternalActorRef.SendSystemMessage(ISystemMessage message) => Inner.SendSystemMessage(message);
}
