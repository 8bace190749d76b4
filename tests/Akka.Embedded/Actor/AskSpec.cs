// Asking and awaiting: Ask, PipeTo, and handlers that await.

using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class AskSpec : PatientTestKit
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task The_answer_is_the_result()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));

        (await actor.Ask<int>(20, _patience)).ShouldBe(21);
        (await actor.Ask(1, _patience)).ShouldBe(2);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_timeout()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));

        await Should.ThrowAsync<AskTimeoutException>(() => actor.Ask<int>("silence", TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task An_answer_of_another_type_is_a_failure()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));

        await Should.ThrowAsync<ArgumentException>(() => actor.Ask<string>(1, _patience));
    }

    [Fact]
    public async Task A_failure_as_answer_fails_the_task()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));

        (await Should.ThrowAsync<InvalidOperationException>(() => actor.Ask<int>("fail", _patience))).Message.ShouldBe("as asked");
    }

    [Fact]
    public async Task A_failure_is_an_answer_like_any_other_to_who_asks_for_a_status()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));

        (await actor.Ask<Status>("fail", _patience)).ShouldBeOfType<Status.Failure>();
    }

    [Fact]
    public async Task A_cancelled_ask_is_cancelled()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));
        using var source = new CancellationTokenSource();
        var answer = actor.Ask<int>("silence", source.Token);

        await source.CancelAsync();

        await Should.ThrowAsync<TaskCanceledException>(() => answer);
    }

    [Fact]
    public async Task The_message_can_carry_the_reference_to_answer_to()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Answering()));

        (await actor.Ask<string>(replyTo => new Please(replyTo), _patience, CancellationToken.None)).ShouldBe("here");
    }

    [Fact]
    public void A_result_is_piped_with_the_sender_that_was_named()
    {
        var probe = CreateTestProbe();

        Task.FromResult("result").PipeTo(TestActor, probe.Ref);

        ExpectMsgFrom(probe.Ref, "result");
    }

    [Fact]
    public void A_failure_is_piped_as_a_status()
    {
        Task.FromException<string>(new InvalidOperationException("boom")).PipeTo(TestActor);

        ExpectMsg<Status.Failure>().Cause.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("boom");
    }

    [Fact]
    public void Results_and_failures_can_be_mapped_on_the_way()
    {
        Task.FromResult(20).PipeTo(TestActor, success: n => $"got {n}");
        ExpectMsg("got 20");

        Task.FromException<int>(new InvalidOperationException("boom")).PipeTo(TestActor, failure: e => $"lost: {e.Message}");
        ExpectMsg("lost: boom");

        Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        ExpectMsg("done");
    }

    [Fact]
    public void A_task_without_result_pipes_nothing_unless_told_what()
    {
        Task.CompletedTask.PipeTo(TestActor);

        ExpectNoMsg(100);
    }

    [Fact]
    public void A_handler_that_awaits_keeps_its_actor_to_itself()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(TestActor)));

        actor.Tell(1);
        actor.Tell(2);

        ExpectMsg("begin 1");
        ExpectMsg("end 1");
        ExpectMsg("begin 2");
        ExpectMsg("end 2");
    }

    [Fact]
    public void Context_and_sender_are_the_same_after_an_await()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(TestActor)));

        actor.Tell("who");

        ExpectMsg(actor);
        LastSender.ShouldBe(actor);
    }

    [Fact]
    public void A_child_that_fails_meanwhile_does_not_change_the_sender()
    {
        var actor = Sys.ActorOf(Props.Create(() => new AwaitingParent()));

        EventFilter.Exception<InvalidOperationException>("child's boom").ExpectOne(() => actor.Tell("who"));

        ExpectMsg("you");
    }

    [Fact]
    public void A_handler_that_fails_after_an_await_fails_its_actor()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(TestActor)));

        EventFilter.Exception<InvalidOperationException>("late boom").ExpectOne(() => actor.Tell("fail"));
        actor.Tell(3);

        ExpectMsg("begin 3");
        ExpectMsg("end 3");
    }

    [Fact]
    public void An_awaiting_actor_can_be_stopped()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Awaiting(TestActor)));
        Watch(actor);
        actor.Tell("forever");

        Sys.Stop(actor);

        ExpectTerminated(actor);
    }

    private sealed record Please(IActorRef ReplyTo);

    private sealed class Answering : ReceiveActor
    {
        public Answering()
        {
            Receive<int>(n => Sender.Tell(n + 1));
            Receive<Please>(please => please.ReplyTo.Tell("here"));
            Receive<string>(word =>
            {
                if (word == "fail") Sender.Tell(new Status.Failure(new InvalidOperationException("as asked")));
            });
        }
    }

    private sealed class AwaitingParent : ReceiveActor
    {
        public AwaitingParent() => ReceiveAsync<string>(async _ =>
        {
            Context.ActorOf(Props.Create(() => new Failing())).Tell("fail");
            await Task.Delay(200);
            Sender.Tell("you");
        });
    }

    private sealed class Failing : ReceiveActor
    {
        public Failing() => ReceiveAny(_ => throw new InvalidOperationException("child's boom"));
    }

    private sealed class Awaiting : ReceiveActor
    {
        public Awaiting(IActorRef reader)
        {
            ReceiveAsync<int>(async n =>
            {
                reader.Tell($"begin {n}");
                await Task.Delay(20);
                reader.Tell($"end {n}");
            });
            ReceiveAsync<string>(async word =>
            {
                if (word == "forever") await Task.Delay(Timeout.Infinite);
                await Task.Yield();
                await Task.Delay(10);
                if (word == "fail") throw new InvalidOperationException("late boom");
                Sender.Tell(Context.Self);
            });
        }
    }
}
