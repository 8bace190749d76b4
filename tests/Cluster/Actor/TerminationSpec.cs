// The order in which the end of an actor is heard, and when its name is free again. The Switcher gives a Guest a new CPU when the old one
// is gone, a lan takes a port back when its card is (LanActor), and a node starts a launcher of the same name again (NodeActor): each of
// them acts on Terminated, and on nothing earlier.

using Akka.Actor;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Actor;

public sealed class TerminationSpec : PatientTestKit
{
    [Fact]
    public void A_watcher_is_told_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Last(TestActor)));
        Watch(actor);
        Watch(actor);

        Sys.Stop(actor);

        ExpectMsg("the last word");
        var terminated = ExpectTerminated(actor);
        terminated.ExistenceConfirmed.ShouldBeTrue();
        terminated.AddressTerminated.ShouldBeFalse();
        ExpectNoMsg(100);
    }

    [Fact]
    public void Watching_the_dead_is_answered_at_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Last(TestActor)));
        Watch(actor);
        Sys.Stop(actor);
        ExpectMsg("the last word");
        ExpectTerminated(actor);

        Watch(actor);

        ExpectTerminated(actor);
    }

    [Fact]
    public void What_an_actor_says_at_its_end_is_heard_before_that_it_has_ended()
    {
        for (int i = 0; i < 200; i++)
        {
            var actor = Sys.ActorOf(Props.Create(() => new Last(TestActor)));
            Watch(actor);

            actor.Tell(PoisonPill.Instance);

            ExpectMsg("the last word");
            ExpectTerminated(actor);
        }
    }

    [Fact]
    public void The_name_of_a_child_is_free_when_its_parent_hears_of_its_end()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(TestActor)));

        for (int life = 1; life <= 200; life++)
        {
            parent.Tell("again");
            ExpectMsg("the last word");
            ExpectMsg(life);
        }
    }

    /// <summary>Says one thing when it ends.</summary>
    private sealed class Last(IActorRef reader) : ReceiveActor
    {
        protected override void PostStop() => reader.Tell("the last word");
    }

    /// <summary>Ends its child when it is told to, and starts another of the same name as soon as that has ended.</summary>
    private sealed class Parent : ReceiveActor
    {
        private readonly IActorRef _reader;
        private int _life = -1;

        public Parent(IActorRef reader)
        {
            _reader = reader;
            Start();
            Receive<string>(_ => Context.Stop(Context.Child("child")));
            Receive<Terminated>(_ =>
            {
                Start();
                reader.Tell(_life);
            });
        }

        private void Start()
        {
            Context.Watch(Context.ActorOf(Props.Create(() => new Last(_reader)), "child"));
            _life++;
        }
    }
}
