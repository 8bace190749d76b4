// Ties coordinated shutdown to the system: its last phase stops the actors, and the end of the process begins it.

namespace Akka.Actor;

public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system)
    {
        var shutdown = new CoordinatedShutdown(system);
        var config = system.Settings.Config.GetConfig("akka.coordinated-shutdown");
        var exit = config.GetBoolean("exit-clr");
        if (system.Settings.CoordinatedShutdownTerminateActorSystem || exit)
        {
            shutdown.AddTask(CoordinatedShutdown.PhaseActorSystemTerminate, "terminate-system", async () =>
            {
                if (system.Settings.CoordinatedShutdownTerminateActorSystem)
                {
                    ((ActorSystemImpl)system).FinalTerminate();
                    await system.WhenTerminated.ConfigureAwait(false);
                }

                if (exit && shutdown.ShutdownReason is not CoordinatedShutdown.ClrExitReason) Environment.Exit(0);
                return Done.Instance;
            });
        }

        if (config.GetBoolean("run-by-clr-shutdown-hook")) HookProcessExit(system, shutdown);
        return shutdown;
    }

    private static void HookProcessExit(ExtendedActorSystem system, CoordinatedShutdown shutdown)
    {
        void OnExit(object sender, EventArgs arguments)
        {
            shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).Wait(shutdown.TotalTimeout);
        }

        AppDomain.CurrentDomain.ProcessExit += OnExit;
        // A system that has ended needs no hook, and must not be kept in memory by one.
        system.WhenTerminated.ContinueWith(_ => AppDomain.CurrentDomain.ProcessExit -= OnExit, TaskScheduler.Default);
    }
}
