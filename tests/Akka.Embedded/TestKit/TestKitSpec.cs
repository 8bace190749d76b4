// The test kit itself: that what is expected passes, and that what is not fails.

using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Akka.TestKit.TestActors;
using Xunit.Sdk;

namespace Akka.Embedded.Tests.TestKit;

public sealed class TestKitSpec : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void An_expectation_of_a_type_a_value_or_a_condition_can_fail()
    {
        TestActor.Tell("text");
        Should.Throw<XunitException>(() => ExpectMsg<int>(_soon));
        TestActor.Tell("text");
        Should.Throw<XunitException>(() => ExpectMsg("other", _soon));
        TestActor.Tell("text");
        Should.Throw<XunitException>(() => ExpectMsg<string>(text => text.Length == 0, _soon));
        Should.Throw<XunitException>(() => ExpectMsg<string>(_soon));
        TestActor.Tell("text");
        Should.Throw<XunitException>(() => ExpectNoMsg(_soon));
    }

    [Fact]
    public void Expectations_that_are_met_return_the_message()
    {
        TestActor.Tell("a");
        ExpectMsg<string>().ShouldBe("a");
        TestActor.Tell("b");
        ExpectMsg<string>(text => text == "b").ShouldBe("b");
        TestActor.Tell("c");
        ExpectMsg<string>((text, sender) => sender.Equals(TestActor)).ShouldBe("c");
        TestActor.Tell("d");
        ExpectMsg<string>(text => text.ShouldBe("d"));
        TestActor.Tell("e");
        ExpectMsgFrom<string>(TestActor).ShouldBe("e");
        TestActor.Tell("f");
        ExpectMsgAnyOf(["e", "f"]).ShouldBe("f");
    }

    [Fact]
    public async Task Expectations_can_be_awaited()
    {
        TestActor.Tell("a");
        (await ExpectMsgAsync<string>()).ShouldBe("a");
        TestActor.Tell("b");
        await ExpectMsgAsync("b");
        await ExpectNoMsgAsync(_soon);
        await Should.ThrowAsync<XunitException>(async () => await ExpectMsgAsync<string>(_soon));
    }

    [Fact]
    public async Task The_implicit_sender_stays_over_awaits()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        await Task.Delay(10);

        echo.Tell("hello");

        await ExpectMsgAsync("hello");
    }

    [Fact]
    public void Several_messages_in_any_order()
    {
        foreach (var word in new[] { "b", "a" }) TestActor.Tell(word);
        ExpectMsgAllOf("a", "b").Count.ShouldBe(2);

        foreach (var n in Enumerable.Range(0, 3)) TestActor.Tell(n);
        ReceiveN(3).ShouldBe([0, 1, 2]);
        Should.Throw<XunitException>(() => ReceiveN(1, _soon));
    }

    [Fact]
    public void Fishing_throws_the_others_back_into_the_sea()
    {
        foreach (var n in Enumerable.Range(0, 10)) TestActor.Tell(n);

        FishForMessage<int>(n => n == 7).ShouldBe(7);
        ExpectMsg(8);
    }

    [Fact]
    public void Receiving_while_leaves_the_first_that_does_not_fit()
    {
        foreach (var word in new[] { "a", "b", "stop", "c" }) TestActor.Tell(word);

        ReceiveWhile<object>(message => "stop".Equals(message) ? null! : message, TimeSpan.FromSeconds(1)).ShouldBe(["a", "b"]);
        ExpectMsg("stop");
        ExpectMsg("c");
    }

    [Fact]
    public void Ignored_messages_are_not_seen()
    {
        IgnoreMessages<int>(n => n > 5);
        TestActor.Tell(10);
        TestActor.Tell(1);
        ExpectMsg(1);

        IgnoreNoMessages();
        TestActor.Tell(10);
        ExpectMsg(10);
    }

    [Fact]
    public void Within_limits_everything_inside()
    {
        Should.Throw<XunitException>(() => Within(TimeSpan.FromMilliseconds(100), () => ExpectMsg<string>()));
        Within(TimeSpan.FromSeconds(3), () =>
        {
            Remaining.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(3));
            TestActor.Tell("a");
            return ExpectMsg<string>();
        }).ShouldBe("a");
        Should.Throw<XunitException>(() => Within(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), () => { }));
        Should.Throw<InvalidOperationException>(() => Remaining);
    }

    [Fact]
    public void Awaiting_tries_again_until_it_holds_or_time_is_up()
    {
        var tries = 0;

        AwaitAssert(() => (++tries).ShouldBe(3), TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(10));
        tries.ShouldBe(3);
        Should.Throw<ShouldAssertException>(() => AwaitAssert(() => 1.ShouldBe(2), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(10)));
        AwaitCondition(() => ++tries == 6, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(10));
        Should.Throw<XunitException>(() => AwaitCondition(() => false, _soon));
        AwaitConditionNoThrow(() => false, _soon).ShouldBeFalse();
    }

    [Fact]
    public void A_probe_is_an_actor_of_its_own()
    {
        var probe = CreateTestProbe("neighbour");
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));

        probe.Send(echo, "hello");
        probe.ExpectMsg("hello");
        probe.LastSender.ShouldBe(echo);
        probe.Ref.Tell("question");
        probe.ExpectMsg("question");
        probe.Reply("answer");
        ExpectMsg("answer");
        LastSender.ShouldBe(probe.Ref);
        probe.Ref.Tell("pass on");
        probe.ExpectMsg("pass on");
        probe.Forward(TestActor);
        ExpectMsg("pass on");
        probe.Watch(echo);
        Sys.Stop(echo);
        probe.ExpectTerminated(echo);
        ExpectNoMsg(_soon);
    }

    [Fact]
    public void An_auto_pilot_answers_by_itself()
    {
        var probe = CreateTestProbe();
        probe.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            sender.Tell($"re: {message}");
            return AutoPilot.KeepRunning;
        }));

        probe.Ref.Tell("a");
        probe.Ref.Tell("b");

        ExpectMsg("re: a");
        ExpectMsg("re: b");
        probe.ExpectMsg("a");
    }

    [Fact]
    public void An_event_filter_counts_and_can_fail()
    {
        EventFilter.Warning("w").Expect(2, () =>
        {
            Log.Warning("w");
            Log.Warning("w");
            Log.Warning("other");
        });
        Should.Throw<XunitException>(() => EventFilter.Warning("w").ExpectOne(TimeSpan.FromMilliseconds(100), () => { }));
        Should.Throw<XunitException>(() => EventFilter.Warning("w").Expect(0, TimeSpan.FromMilliseconds(200), () => Log.Warning("w")));
        EventFilter.DeadLetter<string>().ExpectOne(() => Sys.DeadLetters.Tell("lost"));
        EventFilter.Error(contains: "e").And.Warning(contains: "w").Expect(2, () =>
        {
            Log.Error("e");
            Log.Warning("w");
        });
    }

    [Fact]
    public void An_actor_can_run_on_the_tests_thread_and_show_its_insides()
    {
        var actor = ActorOfAsTestActorRef<Counter>(Props.Create(() => new Counter()), "counter");

        actor.Tell(2);
        actor.Tell(3);

        actor.UnderlyingActor.Sum.ShouldBe(5);
        Should.Throw<InvalidOperationException>(() => actor.Receive("boom"));
    }

    [Fact]
    public void A_child_of_the_test_can_be_supervised_by_it()
    {
        var child = ChildActorOf(Props.Create(() => new Echo()), "child");

        child.Path.Parent.ShouldBe(TestActor.Path);
        child.Tell("hello");
        ExpectMsg("hello");
    }

    [Fact]
    public void Ready_made_actors_do_what_they_say()
    {
        Sys.ActorOf(ForwardActor.Props(TestActor)).Tell("pass on");
        ExpectMsg("pass on");
        Sys.ActorOf(BlackHoleActor.Props).Tell("nothing");
        ExpectNoMsg(_soon);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Counter : ReceiveActor
    {
        public Counter()
        {
            Receive<int>(n =>
            {
                Sum += n;
            });
            Receive<string>(_ => throw new InvalidOperationException("boom"));
        }

        public int Sum { get; private set; }
    }
}
