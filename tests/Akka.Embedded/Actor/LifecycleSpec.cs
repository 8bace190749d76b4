// Birth, stop and death of actors: who is told, in which order, and what the hooks see.

using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class LifecycleSpec : PatientTestKit
{
    [Fact]
    public void PreStart_runs_before_the_first_message_and_PostStop_after_the_last()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Diary(TestActor)));

        actor.Tell("work");
        actor.Tell(PoisonPill.Instance);

        ExpectMsg("PreStart");
        ExpectMsg("work");
        ExpectMsg("PostStop");
    }

    [Fact]
    public void Children_stop_before_their_parent()
    {
        var parent = Sys.ActorOf(Props.Create(() => new DiaryParent(TestActor)), "parent");
        ExpectMsg("PreStart");

        Sys.Stop(parent);

        ExpectMsg("PostStop");
        ExpectMsg("parent stopped");
    }

    [Fact]
    public void A_poison_pill_waits_its_turn()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Diary(TestActor)));
        ExpectMsg("PreStart");

        foreach (var i in Enumerable.Range(0, 10)) actor.Tell(i);
        actor.Tell(PoisonPill.Instance);
        actor.Tell("never seen");

        foreach (var i in Enumerable.Range(0, 10)) ExpectMsg(i);
        ExpectMsg("PostStop");
        ExpectNoMsg(100);
    }

    [Fact]
    public void A_kill_is_a_failure_and_stops_by_default()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Diary(TestActor)));
        ExpectMsg("PreStart");
        Watch(actor);

        EventFilter.Exception<ActorKilledException>().ExpectOne(() => actor.Tell(Kill.Instance));

        ExpectMsg("PostStop");
        ExpectTerminated(actor);
    }

    [Fact]
    public async Task Graceful_stop_says_when_the_actor_is_gone()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Diary(TestActor)));

        (await actor.GracefulStop(TimeSpan.FromSeconds(20))).ShouldBeTrue();
    }

    [Fact]
    public async Task Graceful_stop_is_false_when_the_actor_stays()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Diary(TestActor)));

        (await actor.GracefulStop(TimeSpan.FromMilliseconds(100), "please")).ShouldBeFalse();
    }

    [Fact]
    public void A_name_is_unique_among_siblings_until_its_bearer_is_gone()
    {
        var first = Sys.ActorOf(Props.Create(() => new Diary(TestActor)), "diary");
        ExpectMsg("PreStart");

        Should.Throw<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Diary(TestActor)), "diary"));

        Watch(first);
        Sys.Stop(first);
        ExpectMsg("PostStop");
        ExpectTerminated(first);
        // A watcher may hear of the end a moment before the parent has given the name free.
        IActorRef second = ActorRefs.Nobody;
        AwaitAssert(() => second = Sys.ActorOf(Props.Create(() => new Diary(TestActor)), "diary"));
        second.Path.ShouldBe(first.Path);
        second.ShouldNotBe(first);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$mine")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void Names_that_do_not_fit_in_a_path_are_refused(string name) =>
        Should.Throw<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Diary(TestActor)), name));

    [Fact]
    public void Unnamed_actors_get_names_that_users_cannot_give() =>
        Sys.ActorOf(Props.Create(() => new Diary(TestActor))).Path.Name.ShouldStartWith("$");

    [Fact]
    public void An_actor_cannot_be_made_by_its_constructor() =>
        Should.Throw<ActorInitializationException>(() =>
        {
            var previous = SynchronizationContext.Current;
            Exception? caught = null;
            var thread = new Thread(() => caught = Record.Exception(() => new Diary(TestActor)));
            thread.Start();
            thread.Join();
            previous.ShouldBe(SynchronizationContext.Current);
            if (caught is not null) throw caught;
        });

    [Fact]
    public void An_actor_that_cannot_be_built_is_stopped()
    {
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() =>
        {
            var actor = Sys.ActorOf(Props.Create(() => new Unbuildable()));
            Watch(actor);
            ExpectTerminated(actor);
        });
    }

    [Fact]
    public void The_context_knows_parent_children_and_self()
    {
        var parent = Sys.ActorOf(Props.Create(() => new DiaryParent(TestActor)), "family");
        ExpectMsg("PreStart");

        parent.Tell("who");

        ExpectMsg("/user/family /user /user/family/child 1 True");
    }

    [Fact]
    public async Task A_terminated_system_has_no_actors_and_completes_its_task()
    {
        var system = ActorSystem.Create("short-lived");
        var ran = new List<string>();
        system.RegisterOnTermination(() => ran.Add("first registered"));
        system.RegisterOnTermination(() => ran.Add("last registered"));

        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20));

        system.WhenTerminated.IsCompletedSuccessfully.ShouldBeTrue();
        ran.ShouldBe(["last registered", "first registered"]);
        Should.Throw<InvalidOperationException>(() => system.ActorOf(Props.Create(() => new Unbuildable())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a b")]
    public void A_system_name_is_a_word(string name) => Should.Throw<ArgumentException>(() => ActorSystem.Create(name));

    private sealed class Diary : ReceiveActor
    {
        private readonly IActorRef _reader;

        public Diary(IActorRef reader)
        {
            _reader = reader;
            ReceiveAny(reader.Tell);
        }

        protected override void PreStart() => _reader.Tell("PreStart");
        protected override void PostStop() => _reader.Tell("PostStop");
    }

    private sealed class DiaryParent : ReceiveActor
    {
        private readonly IActorRef _reader;

        public DiaryParent(IActorRef reader)
        {
            _reader = reader;
            var child = Context.ActorOf(Props.Create(() => new Diary(reader)), "child");
            Receive<string>(_ => reader.Tell(string.Join(
                ' ',
                Self.Path.ToStringWithoutAddress(),
                Context.Parent.Path.ToStringWithoutAddress(),
                child.Path.ToStringWithoutAddress(),
                Context.GetChildren().Count(),
                Context.Child("child").Equals(child) && Context.Child("other").IsNobody())));
        }

        protected override void PostStop() => _reader.Tell("parent stopped");
    }

    private sealed class Unbuildable : ReceiveActor
    {
        public Unbuildable() => throw new InvalidOperationException("no");
    }
}
