// The threads of the CPUs wait for the Guests' alarms themselves: an alarm is one wake of one thread, whatever is told because of it.
using System.Diagnostics;
using Akka.Actor;
using Lguest.Switcher.Actors;
using Shouldly;
using Xunit;

namespace Lguest.Switcher.Tests.Actors;

public sealed class CpuDispatcherSpec : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly ActorSystem _system = ActorSystem.Create("cpus", SwitcherSettings.Reference(4));

    private CpuDispatcher Cpus => (CpuDispatcher)_system.Dispatchers.Lookup("lguest.guest-cpu-dispatcher");

    [Fact]
    public void An_alarm_its_owner_and_whom_that_sends_in_run_on_the_thread_that_waited()
    {
        using CountdownEvent ran = new(20);
        List<(int Owner, int Cpu)> threads = [];
        CpuDispatcher.Alarm? alarm = null;
        int owner = 0;
        var cpu = _system.ActorOf(Handler.Props(_ =>
        {
            threads.Add((owner, Environment.CurrentManagedThreadId));
            if (!ran.Signal())
                alarm!.Set(1_000_000);
        }).WithDispatcher("lguest.guest-cpu-dispatcher"));
        var switcher = _system.ActorOf(Handler.Props(message =>
        {
            owner = Environment.CurrentManagedThreadId;
            cpu.Tell(message);
        }).WithDispatcher("lguest.switcher-dispatcher"));
        using var set = alarm = Cpus.NewAlarm(switcher, "ring");
        alarm.Set(1_000_000);

        ran.Wait(_patience).ShouldBeTrue();

        // The first two may still meet the threads that started the actors.
        threads.Skip(2).ShouldAllBe(pair => pair.Owner == pair.Cpu);
        Cpus.Wakes.ByOthers.ShouldBeLessThanOrEqualTo(3, "no thread is woken for a tick");
    }

    [Fact]
    public void An_actor_takes_many_short_messages_at_a_time_and_gives_way_after_long_ones()
    {
        var (_, shortTurns) = TurnsOfTwo(messages: 1000, work: () => { });
        shortTurns.ShouldBeLessThan(1000, "each alone would make 2000");

        // Each message takes longer than a slice. A mailbox of Akka.NET takes one more than its throughput says.
        var (took, longTurns) = TurnsOfTwo(messages: 5, work: () => Spin(TimeSpan.FromMilliseconds(5)));
        longTurns.ShouldBeGreaterThanOrEqualTo(took.Count / 2, string.Join(',', took));
    }

    [Fact]
    public void An_actor_that_throws_takes_no_thread_along()
    {
        using ManualResetEventSlim ran = new();
        var bad = _system.ActorOf(Handler.Props(_ => throw new InvalidOperationException("a fault of ours"))
            .WithDispatcher("lguest.guest-cpu-dispatcher"));
        var good = _system.ActorOf(Handler.Props(_ => ran.Set()).WithDispatcher("lguest.guest-cpu-dispatcher"));

        bad.Tell("fall");
        good.Tell("run");

        ran.Wait(_patience).ShouldBeTrue();
    }

    [Fact]
    public async Task A_dispatcher_whose_actors_are_gone_serves_those_that_come_later()
    {
        for (int i = 0; i < 3; i++)
        {
            using ManualResetEventSlim ran = new();
            var actor = _system.ActorOf(Handler.Props(_ => ran.Set()).WithDispatcher("lguest.guest-cpu-dispatcher"));
            actor.Tell("run");
            ran.Wait(_patience).ShouldBeTrue();
            (await actor.GracefulStop(_patience)).ShouldBeTrue();
        }
    }

    /// <summary>Two actors with full mailboxes on one thread: in which order they run, and how often they change.</summary>
    private static (List<int> Order, int Turns) TurnsOfTwo(int messages, Action work)
    {
        using var system = ActorSystem.Create("one", SwitcherSettings.Reference(1));
        using CountdownEvent left = new(2 * messages);
        using ManualResetEventSlim gate = new();
        List<int> order = [];
        IActorRef[] actors = [.. Enumerable.Range(0, 3).Select(i => system.ActorOf(Handler.Props(message =>
        {
            if (message == "gate")
            {
                gate.Wait(_patience);
                return;
            }

            order.Add(i);
            work();
            left.Signal();
        }).WithDispatcher("lguest.guest-cpu-dispatcher")))];
        actors[2].Tell("gate");
        for (int i = 0; i < messages; i++)
        {
            actors[0].Tell("go");
            actors[1].Tell("go");
        }

        gate.Set();
        left.Wait(_patience).ShouldBeTrue();
        return (order, 1 + order.Skip(1).Zip(order).Count(pair => pair.First != pair.Second));
    }

    private static void Spin(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
            Thread.SpinWait(100);
    }

    public void Dispose() => _system.Terminate().Wait(_patience);

    private sealed class Handler : UntypedActor
    {
        private readonly Action<string> _handle;

        public Handler(Action<string> handle) => _handle = handle;

        public static Props Props(Action<string> handle) => Akka.Actor.Props.Create(() => new Handler(handle));

        protected override void OnReceive(object message) => _handle((string)message);
    }
}
