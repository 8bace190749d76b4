// On which threads actors run, and for how long. The CPUs of Guests have a dispatcher with threads of its own (hocon/lguest.conf), so
// that a Guest that computes takes none from remoting and devices; its throughput and its deadline are what lets many CPUs share few
// threads.

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
        """);

    public DispatcherSpec()
        : base(_config)
    {
    }

    [Fact]
    public void A_fork_join_dispatcher_has_threads_of_its_own()
    {
        var places = Places("own-threads", 8);

        places.ShouldAllBe(place => !place.IsPool);
        places.Select(place => place.Thread).Distinct().Count().ShouldBeInRange(1, 2);
    }

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
            foreach (int _ in Enumerable.Range(0, 20)) first.Tell("work");
            foreach (int _ in Enumerable.Range(0, 5)) second.Tell("work");
            first.Tell("done", probe.Ref);
            gate.Set();
            probe.ExpectMsg("done", TimeSpan.FromSeconds(60));

            log.ToList().IndexOf("second").ShouldBeLessThanOrEqualTo(5, "the first gives way after five messages");
        }
        finally
        {
            Shutdown(system);
        }
    }

    [Fact]
    public void A_busy_actor_gives_way_at_its_deadline_however_many_messages_it_may_take()
    {
        var config = ConfigurationFactory.ParseString(
            """
            single {
              type = ForkJoinDispatcher
              throughput = 1000000
              throughput-deadline-time = 5 ms
              dedicated-thread-pool { thread-count = 1 }
            }
            """);
        var system = ActorSystem.Create("deadline", config.WithFallback(DefaultConfig));
        try
        {
            var log = new ConcurrentQueue<string>();
            using var gate = new ManualResetEventSlim();
            var first = system.ActorOf(Props.Create(() => new Logging(log, gate)).WithDispatcher("single"), "first");
            var second = system.ActorOf(Props.Create(() => new Logging(log, gate)).WithDispatcher("single"), "second");
            var probe = CreateTestProbe(system);
            first.Tell("wait");
            foreach (int _ in Enumerable.Range(0, 200)) first.Tell("spin");
            second.Tell("work");
            first.Tell("done", probe.Ref);
            gate.Set();
            probe.ExpectMsg("done", TimeSpan.FromSeconds(60));

            // Each message takes a millisecond; the wait at the gate alone is longer than the deadline.
            log.ToList().IndexOf("second").ShouldBeInRange(0, 50, "the first gives way long before it has done 200 messages");
        }
        finally
        {
            Shutdown(system);
        }
    }

    private List<Place> Places(string dispatcher, int actors)
    {
        foreach (int _ in Enumerable.Range(0, actors)) Sys.ActorOf(Props.Create(() => new WhereAmI()).WithDispatcher(dispatcher))
            .Tell("where");
        return ReceiveN(actors).Cast<Place>().ToList();
    }

    private sealed record Place(int Thread, bool IsPool);

    private sealed class WhereAmI : ReceiveActor
    {
        public WhereAmI() => ReceiveAny(_ => Sender.Tell(new Place(
            Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread)));
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
            Receive<string>(
                _ =>
                {
                    long end = Environment.TickCount64 + 2;
                    while (Environment.TickCount64 < end)
                    {
                    }

                    log.Enqueue(Self.Path.Name);
                },
                word => word == "spin");
            Receive<string>(_ => log.Enqueue(Self.Path.Name));
        }
    }
}
