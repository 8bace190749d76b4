// Things to be done later: by the system's clock, by a test's clock, and by an actor's own timers.

using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;

namespace Akka.Embedded.Tests.Actor;

public sealed class SchedulingSpec : PatientTestKit
{
    [Fact]
    public void A_message_comes_after_its_delay_and_not_before()
    {
        var start = Sys.Scheduler.MonotonicClock;

        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(100), TestActor, "tick", ActorRefs.NoSender);

        ExpectMsg("tick");
        (Sys.Scheduler.MonotonicClock - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(95));
        ExpectNoMsg(150);
    }

    [Fact]
    public void A_repeated_message_comes_until_it_is_cancelled()
    {
        var cancel = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(TimeSpan.Zero, TimeSpan.FromMilliseconds(20), TestActor, "tick", ActorRefs.NoSender);

        ExpectMsg("tick");
        ExpectMsg("tick");
        ExpectMsg("tick");
        cancel.Cancel();
        // What was on its way arrives.
        ReceiveWhile<object>(TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(300), message => message);
        ExpectNoMsg(100);
    }

    [Fact]
    public void What_is_cancelled_in_time_does_not_happen()
    {
        var cancel = Sys.Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromMilliseconds(500), TestActor, "tick", ActorRefs.NoSender);

        cancel.Cancel();

        cancel.IsCancellationRequested.ShouldBeTrue();
        ExpectNoMsg(700);
    }

    [Fact]
    public void Code_can_be_scheduled_too()
    {
        Sys.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(10), () => TestActor.Tell("ran", ActorRefs.NoSender));

        ExpectMsg("ran");
    }

    [Fact]
    public void Code_that_throws_does_not_stop_the_clock()
    {
        Sys.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, () => throw new InvalidOperationException("boom"));
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(50), TestActor, "tick", ActorRefs.NoSender);

        ExpectMsg("tick");
    }

    [Fact]
    public void Impossible_times_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(-1), TestActor, "x", TestActor));
        Should.Throw<ArgumentOutOfRangeException>(
            () => Sys.Scheduler.ScheduleTellRepeatedly(TimeSpan.Zero, TimeSpan.Zero, TestActor, "x", TestActor));
    }

    [Fact]
    public void Timers_fire_once_or_again_and_again_and_end_with_their_actor()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Timed(TestActor)));

        actor.Tell(new Single("one", 20));
        ExpectMsg("one");
        actor.Tell(new Periodic("many", 20));
        ExpectMsg("many");
        ExpectMsg("many");
        Watch(actor);
        Sys.Stop(actor);
        FishForMessage<Terminated>(_ => true);
        ExpectNoMsg(100);
    }

    [Fact]
    public void Starting_a_timer_again_replaces_it()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Timed(TestActor)));

        actor.Tell(new Single("slow", 200));
        actor.Tell(new Single("quick", 20));

        ExpectMsg("quick");
        ExpectNoMsg(400);
    }

    [Fact]
    public void A_cancelled_timer_is_not_heard_of_even_when_its_message_is_in_the_mailbox()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Timed(TestActor)));
        using var started = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();

        actor.Tell(new Single("lost", 1));
        actor.Tell(new BlockThenCancel(started, go));
        started.Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        // The timer fires while the actor is busy, so its message waits behind the one that cancels.
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(150), TestActor, "time has passed", ActorRefs.NoSender);
        ReceiveWhile<object>(message => "lost".Equals(message) ? message : null!, TimeSpan.FromMilliseconds(50));
        FishForMessage<string>(text => text == "time has passed");
        go.Set();

        ExpectNoMsg(100);
    }

    [Fact]
    public void A_restart_ends_the_timers()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Timed(TestActor)));

        EventFilter.Exception<InvalidOperationException>().ExpectOne(() =>
        {
            actor.Tell(new Single("never", 700));
            actor.Tell("fail");
        });

        ExpectNoMsg(900);
    }

    internal sealed record Single(string Text, int Milliseconds);

    internal sealed record Periodic(string Text, int Milliseconds);

    private sealed record BlockThenCancel(ManualResetEventSlim Started, ManualResetEventSlim Go);

    internal sealed class Timed : ReceiveActor, IWithTimers
    {
        public Timed(IActorRef reader)
        {
            Receive<Single>(single => Timers.StartSingleTimer("key", single.Text, TimeSpan.FromMilliseconds(single.Milliseconds)));
            Receive<Periodic>(periodic => Timers.StartPeriodicTimer("key", periodic.Text, TimeSpan.FromMilliseconds(periodic.Milliseconds)));
            Receive<BlockThenCancel>(block =>
            {
                block.Started.Set();
                block.Go.Wait(TimeSpan.FromSeconds(20));
                Timers.Cancel("key");
                Timers.IsTimerActive("key").ShouldBeFalse();
            });
            Receive<string>(_ => throw new InvalidOperationException("boom"), word => word == "fail");
            Receive<string>(reader.Tell);
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}

public sealed class TestSchedulerSpec : PatientTestKit
{
    private static readonly Config _standingStill =
        ConfigurationFactory.ParseString("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """);

    public TestSchedulerSpec()
        : base(_standingStill)
    {
    }

    private TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    [Fact]
    public void Nothing_happens_until_time_is_moved()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromHours(1), TestActor, "later", ActorRefs.NoSender);

        Clock.Advance(TimeSpan.FromMinutes(59));
        ExpectNoMsg(50);
        Clock.Advance(TimeSpan.FromMinutes(1));

        ExpectMsg("later");
    }

    [Fact]
    public void Repeated_messages_come_with_each_advance()
    {
        Sys.Scheduler.ScheduleTellRepeatedly(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TestActor, "tick", ActorRefs.NoSender);

        Clock.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("tick");
        Clock.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("tick");
        ExpectNoMsg(50);
    }

    [Fact]
    public void An_actors_timers_obey_the_tests_clock()
    {
        var actor = Sys.ActorOf(Props.Create(() => new SchedulingSpec.Timed(TestActor)));
        actor.Tell(new SchedulingSpec.Single("an hour", 3_600_000));
        actor.Tell(new Identify(0));
        ExpectMsg<ActorIdentity>();

        Clock.Advance(TimeSpan.FromHours(1));

        ExpectMsg("an hour");
    }

    [Fact]
    public void Messages_put_the_receive_timeout_off_but_not_those_that_say_so()
    {
        var actor = Sys.ActorOf(Props.Create(() => new BehaviourSpec.Silent(TestActor, TimeSpan.FromMilliseconds(600))));
        Send(actor, "noise");
        Clock.Advance(TimeSpan.FromMilliseconds(400));
        Send(actor, "noise");
        Clock.Advance(TimeSpan.FromMilliseconds(400));
        Send(actor, new Quiet());
        ExpectNoMsg(50);

        Clock.Advance(TimeSpan.FromMilliseconds(200));

        ExpectMsg("silence");
    }

    [Fact]
    public void Time_does_not_go_back() => Should.Throw<InvalidOperationException>(() => Clock.AdvanceTo(Clock.Now - TimeSpan.FromSeconds(1)));

    private void Send(IActorRef actor, object message)
    {
        actor.Tell(message);
        actor.Tell(new Identify(0));
        ExpectMsg<ActorIdentity>();
    }

    private sealed class Quiet : INotInfluenceReceiveTimeout;
}
