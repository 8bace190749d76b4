// Starting again, a little later each time.

using Akka.Actor;
using Akka.Pattern;

namespace Akka.Embedded.Tests.Pattern;

public sealed class BackoffSpec : PatientTestKit
{
    private static readonly TimeSpan _min = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _max = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_child_that_stops_is_started_again_after_a_delay()
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(Backoff.OnStop(Child(), "child", _min, _max, 0, -1)));
        ExpectMsg("started");
        var begin = Sys.Scheduler.MonotonicClock;

        supervisor.Tell("stop");

        ExpectMsg("started");
        (Sys.Scheduler.MonotonicClock - begin).ShouldBeGreaterThanOrEqualTo(_min - TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void The_delay_doubles()
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(Backoff.OnStop(Child(), "child", _min, _max, 0, -1).WithManualReset()));
        ExpectMsg("started");
        supervisor.Tell("stop");
        ExpectMsg("started");
        var begin = Sys.Scheduler.MonotonicClock;

        supervisor.Tell("stop");

        ExpectMsg("started");
        (Sys.Scheduler.MonotonicClock - begin).ShouldBeGreaterThanOrEqualTo(2 * _min - TimeSpan.FromMilliseconds(20));
        supervisor.Tell(BackoffSupervisor.GetRestartCount.Instance);
        ExpectMsg<BackoffSupervisor.RestartCount>().Count.ShouldBe(2);
        supervisor.Tell(BackoffSupervisor.Reset.Instance);
        supervisor.Tell(BackoffSupervisor.GetRestartCount.Instance);
        ExpectMsg<BackoffSupervisor.RestartCount>().Count.ShouldBe(0);
    }

    [Fact]
    public void A_child_that_fails_is_started_again_after_a_delay()
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(Child(), "child", _min, _max, 0, -1)));
        ExpectMsg("started");
        supervisor.Tell(BackoffSupervisor.GetCurrentChild.Instance);
        var first = ExpectMsg<BackoffSupervisor.CurrentChild>().Ref;

        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => supervisor.Tell("fail"));

        ExpectMsg("started");
        supervisor.Tell(BackoffSupervisor.GetCurrentChild.Instance);
        ExpectMsg<BackoffSupervisor.CurrentChild>().Ref.ShouldNotBe(first);
    }

    [Fact]
    public void On_failure_a_child_that_stops_by_itself_ends_its_supervisor()
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(Backoff.OnFailure(Child(), "child", _min, _max, 0, -1)));
        ExpectMsg("started");
        Watch(supervisor);

        supervisor.Tell("stop");

        ExpectTerminated(supervisor);
    }

    [Fact]
    public void After_too_many_starts_it_gives_up()
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(Backoff.OnStop(Child(), "child", _min, _max, 0, -1).WithManualReset().WithMaxNrOfRetries(1)));
        ExpectMsg("started");
        Watch(supervisor);
        supervisor.Tell("stop");
        ExpectMsg("started");

        supervisor.Tell("stop");

        ExpectTerminated(supervisor);
    }

    [Fact]
    public void The_supervisor_stands_for_the_child()
    {
        var supervisor = Sys.ActorOf(
            BackoffSupervisor.Props(Backoff.OnStop(Child(), "child", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), 0, -1).WithReplyWhileStopped("away")));
        ExpectMsg("started");

        supervisor.Tell("hello");
        ExpectMsg("hello");
        supervisor.Tell("stop");

        AwaitAssert(() =>
        {
            supervisor.Tell("hello");
            ExpectMsg("away", TimeSpan.FromMilliseconds(300));
        });
    }

    private Props Child()
    {
        var reader = TestActor;
        return Props.Create(() => new Worker(reader));
    }

    private sealed class Worker : ReceiveActor
    {
        private readonly IActorRef _reader;

        public Worker(IActorRef reader)
        {
            _reader = reader;
            Receive<string>(_ => Context.Stop(Self), word => word == "stop");
            Receive<string>(_ => throw new InvalidOperationException("boom"), word => word == "fail");
            Receive<string>(word => Sender.Tell(word));
        }

        protected override void PreStart() => _reader.Tell("started");
    }
}
