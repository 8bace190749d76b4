// An orderly end: phases in order, tasks of one phase side by side, limits of time, and no failure that holds up the rest.

using System.Collections.Concurrent;
using Akka;
using Akka.Actor;
using Akka.Configuration;

namespace Lguest.Cluster.Tests.Actor;

public sealed class CoordinatedShutdownSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private sealed class Enough : CoordinatedShutdown.Reason
    {
        public override int ExitCode => 0;
    }

    [Fact]
    public async Task Phases_run_in_order_and_end_the_system()
    {
        var system = ActorSystem.Create("ordered");
        var shutdown = CoordinatedShutdown.Get(system);
        var ran = new ConcurrentQueue<string>();
        foreach (var phase in new[] { CoordinatedShutdown.PhaseServiceStop, CoordinatedShutdown.PhaseBeforeServiceUnbind, CoordinatedShutdown.PhaseClusterLeave })
            shutdown.AddTask(phase, "note", () => Note(ran, phase));

        await shutdown.Run(new Enough()).WaitAsync(_patience);

        ran.ShouldBe([CoordinatedShutdown.PhaseBeforeServiceUnbind, CoordinatedShutdown.PhaseServiceStop, CoordinatedShutdown.PhaseClusterLeave]);
        shutdown.ShutdownReason.ShouldBeOfType<Enough>();
        await system.WhenTerminated.WaitAsync(_patience);
    }

    [Fact]
    public async Task Terminating_the_system_runs_the_phases()
    {
        var system = ActorSystem.Create("terminated");
        var ran = new ConcurrentQueue<string>();
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "note", () => Note(ran, "ran"));

        await system.Terminate().WaitAsync(_patience);

        ran.ShouldBe(["ran"]);
        CoordinatedShutdown.Get(system).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ActorSystemTerminateReason>();
    }

    [Fact]
    public async Task A_second_run_joins_the_first()
    {
        var system = ActorSystem.Create("twice");
        var shutdown = CoordinatedShutdown.Get(system);
        var ran = new ConcurrentQueue<string>();
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "note", () => Note(ran, "ran"));

        await Task.WhenAll(shutdown.Run(new Enough()), shutdown.Run(new Enough())).WaitAsync(_patience);

        ran.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_task_that_fails_or_hangs_does_not_hold_up_the_rest()
    {
        var config = ConfigurationFactory.ParseString(
            """
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.coordinated-shutdown.phases.service-unbind.timeout = 100 ms
            """);
        var system = ActorSystem.Create("troubled", config);
        var shutdown = CoordinatedShutdown.Get(system);
        var ran = new ConcurrentQueue<string>();
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "fails", () => throw new InvalidOperationException("boom"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "hangs", () => new TaskCompletionSource<Done>().Task);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "note", () => Note(ran, "ran"));

        await shutdown.Run(new Enough()).WaitAsync(_patience);

        ran.ShouldBe(["ran"]);
        shutdown.Timeout(CoordinatedShutdown.PhaseServiceUnbind).ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_run_can_begin_in_the_middle()
    {
        var system = ActorSystem.Create("middle");
        var shutdown = CoordinatedShutdown.Get(system);
        var ran = new ConcurrentQueue<string>();
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "early", () => Note(ran, "early"));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "late", () => Note(ran, "late"));

        await shutdown.Run(new Enough(), CoordinatedShutdown.PhaseServiceStop).WaitAsync(_patience);

        ran.ShouldBe(["late"]);
    }

    [Fact]
    public async Task A_phase_must_be_configured()
    {
        var system = ActorSystem.Create("unknown");

        Should.Throw<ConfigurationException>(() => CoordinatedShutdown.Get(system).AddTask("no-such-phase", "x", () => Task.FromResult(Done.Instance)));

        await system.Terminate().WaitAsync(_patience);
    }

    private static Task<Done> Note(ConcurrentQueue<string> notes, string what)
    {
        notes.Enqueue(what);
        return Task.FromResult(Done.Instance);
    }
}
