// How a system ends in order. A node of a topology (ClusterNode in src/Host) stops its Guests in a task of the phase
// before-service-unbind, and relies on three things: that task is done before the node leaves its cluster, a task that fails or hangs
// holds nobody up for longer than its phase may take, and the system has ended afterwards.

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
        foreach (string phase in new[] { CoordinatedShutdown.PhaseServiceStop, CoordinatedShutdown.PhaseBeforeServiceUnbind,
            CoordinatedShutdown.PhaseClusterLeave })
            shutdown.AddTask(phase, "note", () => Note(ran, phase));

        await shutdown.Run(new Enough()).WaitAsync(_patience);

        ran.ShouldBe([CoordinatedShutdown.PhaseBeforeServiceUnbind, CoordinatedShutdown.PhaseServiceStop,
            CoordinatedShutdown.PhaseClusterLeave]);
        shutdown.ShutdownReason.ShouldBeOfType<Enough>();
        await system.WhenTerminated.WaitAsync(_patience);
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

    private static Task<Done> Note(ConcurrentQueue<string> notes, string what)
    {
        notes.Enqueue(what);
        return Task.FromResult(Done.Instance);
    }
}
