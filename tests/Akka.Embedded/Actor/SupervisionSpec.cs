// What becomes of a child that fails, by the decision of its parent.

using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class SupervisionSpec : PatientTestKit
{
    [Fact]
    public void Restart_makes_a_new_instance_behind_the_same_reference()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Restart));
        child.Tell("count");
        ExpectMsg(1);

        EventFilter.Exception<InvalidOperationException>("boom").ExpectOne(() => child.Tell("fail"));
        child.Tell("count");

        ExpectMsg("PreRestart fail");
        ExpectMsg("PostRestart boom");
        ExpectMsg(1);
    }

    [Fact]
    public void Resume_keeps_the_instance_and_its_state()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Resume));
        child.Tell("count");
        ExpectMsg(1);

        EventFilter.Warning("boom").ExpectOne(() => child.Tell("fail"));
        child.Tell("count");

        ExpectMsg(2);
    }

    [Fact]
    public void Stop_ends_the_child()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Stop));
        Watch(child);

        EventFilter.Exception<InvalidOperationException>("boom").ExpectOne(() => child.Tell("fail"));

        ExpectTerminated(child);
    }

    [Fact]
    public void Escalate_makes_it_the_parents_failure()
    {
        var (parent, child) = Family(new OneForOneStrategy(_ => Directive.Escalate));
        Watch(child);

        EventFilter.Exception<InvalidOperationException>("boom").ExpectOne(() => child.Tell("fail"));

        // The guardian restarts the parent, whose restart stops its child.
        ExpectTerminated(child);
        parent.Tell("alive");
        ExpectMsg("alive");
    }

    [Fact]
    public void The_message_that_failed_is_not_processed_again_but_those_behind_it_are()
    {
        var (_, child) = Family(new OneForOneStrategy(_ => Directive.Restart));

        EventFilter.Exception<InvalidOperationException>().Mute(() =>
        {
            child.Tell("fail");
            child.Tell("count");
            child.Tell("count");
            ExpectMsg("PreRestart fail");
            ExpectMsg("PostRestart boom");
            ExpectMsg(1);
            ExpectMsg(2);
        });
    }

    [Fact]
    public void Restarts_beyond_the_limit_stop_the_child()
    {
        var (_, child) = Family(new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        Watch(child);

        EventFilter.Exception<InvalidOperationException>().Expect(3, () =>
        {
            foreach (var _ in Enumerable.Range(0, 3)) child.Tell("fail");
            ExpectMsg("PreRestart fail");
            ExpectMsg("PostRestart boom");
            ExpectMsg("PreRestart fail");
            ExpectMsg("PostRestart boom");
            ExpectTerminated(child);
        });
    }

    [Fact]
    public void A_limit_of_no_restarts_stops_at_the_first_failure()
    {
        var (_, child) = Family(new OneForOneStrategy(0, TimeSpan.FromMinutes(1), _ => Directive.Restart));
        Watch(child);

        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => child.Tell("fail"));

        ExpectTerminated(child);
    }

    [Fact]
    public void All_for_one_restarts_the_siblings_too()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(TestActor, new AllForOneStrategy(_ => Directive.Restart))));
        var first = Child(parent, "first");
        var second = Child(parent, "second");
        second.Tell("count");
        ExpectMsg(1);

        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => first.Tell("fail"));
        ReceiveN(4);
        second.Tell("count");

        ExpectMsg(1);
    }

    [Fact]
    public void All_for_one_stops_the_siblings_too()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(TestActor, new AllForOneStrategy(_ => Directive.Stop))));
        var first = Child(parent, "first");
        var second = Child(parent, "second");
        Watch(second);

        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => first.Tell("fail"));

        ExpectTerminated(second);
    }

    [Fact]
    public void A_decider_can_be_a_table()
    {
        var strategy = new OneForOneStrategy(Decider.From(Directive.Restart, Directive.Resume.When<InvalidOperationException>()));
        var (_, child) = Family(strategy);
        child.Tell("count");
        ExpectMsg(1);

        EventFilter.Warning("boom").ExpectOne(() => child.Tell("fail"));
        child.Tell("count");

        ExpectMsg(2);
    }

    [Fact]
    public void Props_can_override_the_strategy_of_the_class()
    {
        var props = Props.Create(() => new Parent(TestActor, new OneForOneStrategy(_ => Directive.Restart)))
            .WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Resume));
        var child = Child(Sys.ActorOf(props), "child");
        child.Tell("count");
        ExpectMsg(1);

        EventFilter.Warning("boom").ExpectOne(() => child.Tell("fail"));
        child.Tell("count");

        ExpectMsg(2);
    }

    [Fact]
    public void A_child_that_fails_while_restarting_is_given_up()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(TestActor, SupervisorStrategy.DefaultStrategy)));
        parent.Tell(new Make("fragile", Props.Create(() => new Fragile(TestActor))));
        var child = ExpectMsg<IActorRef>();
        Watch(child);
        ExpectMsg("built");

        EventFilter.Custom(_ => true).Mute(() =>
        {
            child.Tell("fail");
            ExpectMsg("built");
            ExpectTerminated(child);
        });
    }

    [Fact]
    public void The_default_strategy_restarts_and_does_not_count()
    {
        var (_, child) = Family(SupervisorStrategy.DefaultStrategy);

        EventFilter.Exception<InvalidOperationException>().Expect(20, () =>
        {
            foreach (var _ in Enumerable.Range(0, 20)) child.Tell("fail");
            ReceiveN(40);
        });
        child.Tell("count");

        ExpectMsg(1);
    }

    private (IActorRef Parent, IActorRef Child) Family(SupervisorStrategy strategy)
    {
        var parent = Sys.ActorOf(Props.Create(() => new Parent(TestActor, strategy)));
        return (parent, Child(parent, "child"));
    }

    private IActorRef Child(IActorRef parent, string name)
    {
        parent.Tell(new Make(name, Props.Create(() => new Counter(TestActor))));
        return ExpectMsg<IActorRef>();
    }

    private sealed record Make(string Name, Props Props);

    private sealed class Parent : ReceiveActor
    {
        private readonly SupervisorStrategy _strategy;

        public Parent(IActorRef reader, SupervisorStrategy strategy)
        {
            _strategy = strategy;
            Receive<Make>(make => reader.Tell(Context.ActorOf(make.Props, make.Name)));
            Receive<string>(reader.Tell);
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;
    }

    private sealed class Counter : ReceiveActor
    {
        private readonly IActorRef _reader;
        private int _count;

        public Counter(IActorRef reader)
        {
            _reader = reader;
            Receive<string>(message =>
            {
                if (message == "fail") throw new InvalidOperationException("boom");
                reader.Tell(++_count);
            });
        }

        protected override void PreRestart(Exception reason, object message)
        {
            _reader.Tell($"PreRestart {message}");
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _reader.Tell($"PostRestart {reason.Message}");
            base.PostRestart(reason);
        }
    }

    private sealed class Fragile : ReceiveActor
    {
        public Fragile(IActorRef reader)
        {
            reader.Tell("built");
            Receive<string>(_ => throw new InvalidOperationException("first"));
        }

        protected override void PostRestart(Exception reason) => throw new InvalidOperationException("second");
    }
}
