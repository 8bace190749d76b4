// Receive in all its forms, and changing what an actor does: Become, stash, receive timeouts.

using Akka.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Actor;

public sealed class BehaviourSpec : PatientTestKit
{
    [Fact]
    public void The_first_handler_that_fits_wins()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Handlers(TestActor)));

        actor.Tell(5);
        actor.Tell(50);
        actor.Tell("yes");
        actor.Tell("no");
        actor.Tell(1.5);

        ExpectMsg("small 5");
        ExpectMsg("number 50");
        ExpectMsg("text yes");
        ExpectMsg("any no");
        ExpectMsg("any 1.5");
    }

    [Fact]
    public void Nothing_can_be_declared_behind_a_handler_for_everything()
    {
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() =>
        {
            var actor = Sys.ActorOf(Props.Create(() => new HandlerBehindAny()));
            Watch(actor);
            ExpectTerminated(actor);
        });
    }

    [Fact]
    public void Handlers_are_declared_in_constructors_and_in_Become_only()
    {
        var actor = Sys.ActorOf(Props.Create(() => new LateHandler()));

        EventFilter.Exception<InvalidOperationException>(contains: "Receive").ExpectOne(() => actor.Tell("declare"));
    }

    [Fact]
    public void Become_replaces_and_stacked_become_can_be_undone()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Moods(TestActor)));

        foreach (var word in new[] { "x", "angry", "x", "sulk", "x", "over it", "x", "calm", "x" }) actor.Tell(word);

        ExpectMsg("calm: x");
        ExpectMsg("angry: x");
        ExpectMsg("sulking: x");
        ExpectMsg("angry: x");
        ExpectMsg("calm: x");
    }

    [Fact]
    public void An_untyped_actor_decides_itself_what_it_does_not_handle()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Untyped(TestActor)));
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));

        actor.Tell("known");
        actor.Tell(1);

        ExpectMsg("known");
        ExpectMsg<UnhandledMessage>().Message.ShouldBe(1);
    }

    [Fact]
    public void Stashed_messages_come_back_first_and_in_order()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stashing(TestActor)));

        foreach (var word in new[] { "a", "b", "c", "open", "d" }) actor.Tell(word);

        foreach (var word in new[] { "open", "a", "b", "c", "d" }) ExpectMsg(word);
    }

    [Fact]
    public void Unstash_brings_back_one()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stashing(TestActor)));

        foreach (var word in new[] { "a", "b", "one" }) actor.Tell(word);

        ExpectMsg("one");
        ExpectMsg("a");
        ExpectNoMsg(100);
    }

    [Fact]
    public void A_message_is_stashed_only_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stashing(TestActor)));

        actor.Tell("twice");

        ExpectMsg(nameof(IllegalActorStateException));
    }

    [Fact]
    public void The_stash_survives_a_restart()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stashing(TestActor)));

        EventFilter.Exception<InvalidOperationException>().ExpectOne(() =>
        {
            foreach (var word in new[] { "a", "b", "fail", "open" }) actor.Tell(word);
            foreach (var word in new[] { "open", "a", "b" }) ExpectMsg(word);
        });
    }

    [Fact]
    public void What_is_stashed_when_the_actor_stops_becomes_dead_letters()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stashing(TestActor)));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));

        actor.Tell("a");
        actor.Tell(PoisonPill.Instance);

        ExpectMsg<DeadLetter>().Message.ShouldBe("a");
    }

    [Fact]
    public void Silence_is_noticed_again_and_again()
    {
        Sys.ActorOf(Props.Create(() => new Silent(TestActor, TimeSpan.FromMilliseconds(50))));

        ExpectMsg("silence");
        ExpectMsg("silence");
    }

    [Fact]
    public void A_receive_timeout_can_be_taken_back()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Silent(TestActor, TimeSpan.FromMilliseconds(700))));

        actor.Tell("never mind");

        ExpectNoMsg(900);
    }

    private sealed class Handlers : ReceiveActor
    {
        public Handlers(IActorRef reader)
        {
            Receive<int>(n => reader.Tell($"small {n}"), n => n < 10);
            Receive<int>(n => reader.Tell($"number {n}"));
            Receive<string>(text =>
            {
                if (text != "yes") return false;
                reader.Tell($"text {text}");
                return true;
            });
            ReceiveAny(other => reader.Tell(FormattableString.Invariant($"any {other}")));
        }
    }

    private sealed class HandlerBehindAny : ReceiveActor
    {
        public HandlerBehindAny()
        {
            ReceiveAny(_ => { });
            Receive<int>(_ => { });
        }
    }

    private sealed class LateHandler : ReceiveActor
    {
        public LateHandler() => Receive<string>(_ => Receive<int>(_ => { }));
    }

    private sealed class Moods : ReceiveActor
    {
        private readonly IActorRef _reader;

        public Moods(IActorRef reader)
        {
            _reader = reader;
            Calm();
        }

        private void Calm()
        {
            Receive<string>(_ => Become(Angry), word => word == "angry");
            Receive<string>(word => _reader.Tell($"calm: {word}"));
        }

        private void Angry()
        {
            Receive<string>(_ => Become(Calm), word => word == "calm");
            Receive<string>(_ => BecomeStacked(Sulking), word => word == "sulk");
            Receive<string>(word => _reader.Tell($"angry: {word}"));
        }

        private void Sulking()
        {
            Receive<string>(_ => UnbecomeStacked(), word => word == "over it");
            Receive<string>(word => _reader.Tell($"sulking: {word}"));
        }
    }

    private sealed class Untyped(IActorRef reader) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is string text) reader.Tell(text);
            else Unhandled(message);
        }
    }

    private sealed class Stashing : ReceiveActor, IWithUnboundedStash
    {
        public Stashing(IActorRef reader)
        {
            Receive<string>(word =>
            {
                switch (word)
                {
                    case "fail":
                        throw new InvalidOperationException("boom");
                    case "twice":
                        Stash.Stash();
                        reader.Tell(Record.Exception(() => Stash.Stash()).GetType().Name);
                        break;
                    case "open" or "one":
                        reader.Tell(word);
                        Become(() => ReceiveAny(reader.Tell));
                        if (word == "open") Stash.UnstashAll();
                        else Stash.Unstash();
                        break;
                    default:
                        Stash.Stash();
                        break;
                }
            });
        }

        public IStash Stash { get; set; } = null!;
    }

    internal sealed class Silent : ReceiveActor
    {
        public Silent(IActorRef reader, TimeSpan patience)
        {
            SetReceiveTimeout(patience);
            Receive<ReceiveTimeout>(_ => reader.Tell("silence"));
            Receive<string>(_ => SetReceiveTimeout(null), word => word == "never mind");
            ReceiveAny(_ => { });
        }
    }
}
