// On which threads actors run, and for how long.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Dispatch;

public sealed class DispatcherSpec : PatientTestKit
{
    private static readonly Config _config = ConfigurationFactory.ParseString(
        """
        own-threads {
          type = ForkJoinDispatcher
          throughput = 10
          dedicated-thread-pool {
            thread-count = 2
            threadtype = background
          }
        }
        pinned {
          type = PinnedDispatcher
        }
        one-at-a-time {
          type = Dispatcher
          throughput = 1
        }
        akka.actor.deployment {
          /placed {
            dispatcher = own-threads
          }
        }
        """);

    public DispatcherSpec()
        : base(_config)
    {
    }

    [Fact]
    public void The_default_dispatcher_runs_on_the_thread_pool()
    {
        Sys.ActorOf(Props.Create(() => new WhereAmI())).Tell("where");

        ExpectMsg<Place>().IsPool.ShouldBeTrue();
    }

    [Fact]
    public void A_fork_join_dispatcher_has_threads_of_its_own()
    {
        var places = Places("own-threads", 8);

        places.ShouldAllBe(place => !place.IsPool);
        places.Select(place => place.Thread).Distinct().Count().ShouldBeInRange(1, 2);
    }

    [Fact]
    public void A_pinned_actor_has_a_thread_of_its_own()
    {
        var first = Sys.ActorOf(Props.Create(() => new WhereAmI()).WithDispatcher("pinned"));
        var second = Sys.ActorOf(Props.Create(() => new WhereAmI()).WithDispatcher("pinned"));
        var threads = new List<int>();
        foreach (var actor in new[] { first, first, second, second })
        {
            actor.Tell("where");
            var place = ExpectMsg<Place>();
            place.IsPool.ShouldBeFalse();
            threads.Add(place.Thread);
        }

        threads[0].ShouldBe(threads[1]);
        threads[2].ShouldBe(threads[3]);
        threads[0].ShouldNotBe(threads[2]);
    }

    [Fact]
    public void The_configuration_can_place_an_actor()
    {
        Sys.ActorOf(Props.Create(() => new WhereAmI()), "placed").Tell("where");

        ExpectMsg<Place>().IsPool.ShouldBeFalse();
    }

    [Fact]
    public void A_dispatcher_must_be_configured() =>
        Should.Throw<ConfigurationException>(() => Sys.ActorOf(Props.Create(() => new WhereAmI()).WithDispatcher("nowhere")));

    [Fact]
    public void A_busy_actor_gives_way_after_its_throughput()
    {
        // One thread for both: the second actor can only run when the first gives way.
        var config = ConfigurationFactory.ParseString(
            "single { type = ForkJoinDispatcher, throughput = 5, dedicated-thread-pool { thread-count = 1 } }");
        var system = ActorSystem.Create("fair", config.WithFallback(DefaultConfig));
        try
        {
            var log = new ConcurrentQueue<string>();
            using var gate = new ManualResetEventSlim();
            var first = system.ActorOf(Props.Create(() => new Logging(log, gate)).WithDispatcher("single"), "first");
            var second = system.ActorOf(Props.Create(() => new Logging(log, gate)).WithDispatcher("single"), "second");
            var probe = CreateTestProbe(system);
            first.Tell("wait");
            foreach (var _ in Enumerable.Range(0, 20)) first.Tell("work");
            foreach (var _ in Enumerable.Range(0, 5)) second.Tell("work");
            first.Tell("done", probe.Ref);
            gate.Set();
            probe.ExpectMsg("done");

            log.ToList().IndexOf("second").ShouldBeLessThanOrEqualTo(5, "the first gives way after five messages");
        }
        finally
        {
            Shutdown(system);
        }
    }

    [Fact]
    public void An_actor_never_runs_on_two_threads_at_once()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Unsafe()).WithDispatcher("one-at-a-time"));

        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 5000; i++) actor.Tell("add", ActorRefs.NoSender);
        });
        actor.Tell("sum");

        ExpectMsg(20_000, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_handler_that_blocks_does_not_hold_up_whom_it_has_told()
    {
        using var answered = new ManualResetEventSlim();
        var other = Sys.ActorOf(Props.Create(() => new Signal(answered)));
        var blocking = Sys.ActorOf(Props.Create(() => new Blocking(other, answered)));

        blocking.Tell("block");

        ExpectMsg("answered while blocked");
    }

    [Fact]
    public void A_dispatcher_runs_plain_code_too()
    {
        Sys.Dispatchers.Lookup("own-threads").Schedule(() => TestActor.Tell(Thread.CurrentThread.IsThreadPoolThread, ActorRefs.NoSender));

        ExpectMsg(false);
    }

    private List<Place> Places(string dispatcher, int actors)
    {
        foreach (var _ in Enumerable.Range(0, actors)) Sys.ActorOf(Props.Create(() => new WhereAmI()).WithDispatcher(dispatcher)).Tell("where");
        return ReceiveN(actors).Cast<Place>().ToList();
    }

    private sealed record Place(int Thread, bool IsPool);

    private sealed class WhereAmI : ReceiveActor
    {
        public WhereAmI() => ReceiveAny(_ => Sender.Tell(new Place(Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread)));
    }

    private sealed class Logging : ReceiveActor
    {
        public Logging(ConcurrentQueue<string> log, ManualResetEventSlim gate)
        {
            Receive<string>(
                _ =>
                {
                    gate.Wait(TimeSpan.FromSeconds(5));
                },
                word => word == "wait");
            Receive<string>(word => Sender.Tell(word), word => word == "done");
            Receive<string>(_ => log.Enqueue(Self.Path.Name));
        }
    }

    private sealed class Unsafe : ReceiveActor
    {
        private int _sum;

        public Unsafe()
        {
            Receive<string>(_ => Sender.Tell(_sum), word => word == "sum");
            Receive<string>(_ => _sum++);
        }
    }

    private sealed class Signal : ReceiveActor
    {
        public Signal(ManualResetEventSlim signal) => ReceiveAny(_ => signal.Set());
    }

    private sealed class Blocking : ReceiveActor
    {
        public Blocking(IActorRef other, ManualResetEventSlim answered) => ReceiveAny(_ =>
        {
            other.Tell("answer");
            Sender.Tell(answered.Wait(TimeSpan.FromSeconds(5)) ? "answered while blocked" : "blocked");
        });
    }
}
