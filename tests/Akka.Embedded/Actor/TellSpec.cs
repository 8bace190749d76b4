// Sending, answering, forwarding, and what becomes of messages that nobody takes.

using Akka.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Actor;

public sealed class TellSpec : PatientTestKit
{
    [Fact]
    public void A_message_arrives_with_its_sender()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));

        echo.Tell("hello");

        ExpectMsg("hello");
        LastSender.ShouldBe(echo);
    }

    [Fact]
    public void Forward_keeps_the_original_sender()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        var forwarder = Sys.ActorOf(Props.Create(() => new Forwarder(echo)));

        forwarder.Tell("hello");

        ExpectMsgFrom(echo, "hello");
    }

    [Fact]
    public void Messages_of_one_sender_keep_their_order()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));

        foreach (var i in Enumerable.Range(0, 1000)) echo.Tell(i);

        ReceiveN(1000).Cast<int>().ShouldBe(Enumerable.Range(0, 1000));
    }

    [Fact]
    public void Null_is_no_message()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        echo.Tell("are you there?");
        ExpectMsg("are you there?");

        Should.Throw<ArgumentNullException>(() => echo.Tell(null!));
    }

    [Fact]
    public void What_is_sent_to_a_stopped_actor_becomes_a_dead_letter()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        Watch(echo);
        Sys.Stop(echo);
        ExpectTerminated(echo);
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));

        echo.Tell("too late");

        var letter = ExpectMsg<DeadLetter>();
        letter.Message.ShouldBe("too late");
        letter.Recipient.Path.ShouldBe(echo.Path);
        letter.Sender.ShouldBe(TestActor);
    }

    [Fact]
    public void A_message_without_sender_is_answered_to_dead_letters()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));

        echo.Tell("anyone?", ActorRefs.NoSender);

        ExpectMsg<DeadLetter>().Message.ShouldBe("anyone?");
    }

    [Fact]
    public void Letters_that_say_so_are_lost_in_silence()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        Watch(echo);
        Sys.Stop(echo);
        ExpectTerminated(echo);
        Sys.EventStream.Subscribe(TestActor, typeof(AllDeadLetters));

        echo.Tell(new Unimportant());

        ExpectMsg<SuppressedDeadLetter>().Message.ShouldBeOfType<Unimportant>();
    }

    [Fact]
    public void Unhandled_messages_are_published()
    {
        var deaf = Sys.ActorOf(Props.Create(() => new OnlyNumbers()));
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));

        deaf.Tell("words");

        var unhandled = ExpectMsg<UnhandledMessage>();
        unhandled.Message.ShouldBe("words");
        unhandled.Recipient.ShouldBe(deaf);
    }

    private sealed class Unimportant : IDeadLetterSuppression;

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef target) => ReceiveAny(message => target.Forward(message));
    }

    private sealed class OnlyNumbers : ReceiveActor
    {
        public OnlyNumbers() => Receive<int>(_ => { });
    }
}
