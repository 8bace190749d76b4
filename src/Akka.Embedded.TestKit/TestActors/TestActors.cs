// Actors that tests need again and again, each a few lines.

using Akka.Actor;

namespace Akka.TestKit.TestActors;

/// <summary>Sends everything back, to the test actor and (if wanted) to the sender.</summary>
public class EchoActor : ReceiveActor
{
    public EchoActor(TestKitBase testkit, bool echoBackToSenderAsWell = true) => ReceiveAny(message =>
    {
        var sender = Sender;
        var testActor = testkit.TestActor;
        if (echoBackToSenderAsWell && !testActor.Equals(sender)) sender.Forward(message);
        testActor.Tell(message, Sender);
    });

    public static Props Props(TestKitBase testkit, bool echoBackToSenderAsWell = true) =>
        Actor.Props.Create(() => new EchoActor(testkit, echoBackToSenderAsWell));
}

/// <summary>Takes everything and says nothing.</summary>
public class BlackHoleActor : ActorBase
{
    public static Props Props { get; } = Actor.Props.Create(() => new BlackHoleActor());

    protected override bool Receive(object message) => true;
}

/// <summary>Passes everything on.</summary>
public class ForwardActor : ReceiveActor
{
    public ForwardActor(IActorRef target) => ReceiveAny(message => target.Forward(message));

    public static Props Props(IActorRef target) => Actor.Props.Create(() => new ForwardActor(target));
}
