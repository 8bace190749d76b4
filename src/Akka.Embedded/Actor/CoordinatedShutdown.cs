// An orderly end in phases: what must happen before what is configuration, what happens is registered by those whom it concerns.

using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

public sealed class CoordinatedShutdown : IExtension
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ShutdownPhase> _phases;
    private readonly IReadOnlyList<string> _order;
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Task)>> _tasks = [];
    private readonly TaskCompletionSource<Done> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoggingAdapter _log;
    private Reason _reason;

    internal CoordinatedShutdown(ExtendedActorSystem system)
    {
        System = system;
        _log = Logging.GetLogger(system, typeof(CoordinatedShutdown));
        _phases = ShutdownPhase.Read(system.Settings.Config.GetConfig("akka.coordinated-shutdown"));
        _order = ShutdownPhase.InOrder(_phases);
    }

    public ExtendedActorSystem System { get; }

    /// <summary>Why the shutdown runs; null while it does not.</summary>
    public Reason ShutdownReason => Volatile.Read(ref _reason);

    /// <summary>The longest that all phases together may take.</summary>
    public TimeSpan TotalTimeout => _phases.Values.Where(phase => _tasks.ContainsKey(phase.Name)).Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Timeout);

    public static CoordinatedShutdown Get(ActorSystem sys) => sys.WithExtension<CoordinatedShutdown, CoordinatedShutdownExtension>();

    /// <summary>Adds a task to a phase; tasks of one phase run side by side. Throws when the phase is not configured.</summary>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        lock (_gate)
        {
            if (!_phases.ContainsKey(phase))
                throw new ConfigurationException(
                    $"Unknown phase [{phase}], known phases [{string.Join(",", _order)}]. All phases (along with their optional dependencies) must be defined in configuration.");
            if (!_tasks.TryGetValue(phase, out var tasks)) _tasks.Add(phase, tasks = []);
            tasks.Add((taskName, task));
        }
    }

    public TimeSpan Timeout(string phase) => _phases.TryGetValue(phase, out var found)
        ? found.Timeout
        : throw new ArgumentException($"Unknown phase [{phase}]. All phases must be defined in configuration.", nameof(phase));

    /// <summary>Runs all phases, or those from one on, in their order. Later calls get the task of the first.</summary>
    public Task<Done> Run(Reason reason, string fromPhase = null)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null) _ = RunAll(fromPhase);
        return _finished.Task;
    }

    private async Task RunAll(string fromPhase)
    {
        var phases = fromPhase is null ? _order : _order.SkipWhile(name => name != fromPhase);
        try
        {
            foreach (var name in phases) await RunPhase(_phases[name]).ConfigureAwait(false);
            _finished.TrySetResult(Done.Instance);
        }
        catch (Exception failure)
        {
            // A phase that must not be recovered from failed: whoever waits for the shutdown learns it.
            _finished.TrySetException(failure);
        }
    }

    private async Task RunPhase(ShutdownPhase phase)
    {
        if (!phase.Enabled)
        {
            _log.Debug("Skipping disabled phase [{0}]", phase.Name);
            return;
        }

        (string Name, Func<Task<Done>> Task)[] tasks;
        lock (_gate) tasks = _tasks.TryGetValue(phase.Name, out var registered) ? [.. registered] : [];
        _log.Debug("Performing phase [{0}] with [{1}] tasks.", phase.Name, tasks.Length);
        if (tasks.Length == 0) return;
        var all = Task.WhenAll(tasks.Select(one => RunTask(phase, one.Name, one.Task)));
        if (await Task.WhenAny(all, Task.Delay(phase.Timeout)).ConfigureAwait(false) == all)
        {
            await all.ConfigureAwait(false);
            return;
        }

        if (!phase.Recover) throw new TimeoutException($"Coordinated shutdown phase [{phase.Name}] timed out after {phase.Timeout}");
        _log.Warning("Coordinated shutdown phase [{0}] timed out after {1}", phase.Name, phase.Timeout);
    }

    private async Task RunTask(ShutdownPhase phase, string name, Func<Task<Done>> task)
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (Exception failure) when (phase.Recover)
        {
            // One that fails must not keep the others from their duty.
            _log.Warning("Task [{0}] failed in phase [{1}]: {2}", name, phase.Name, failure.Message);
        }
    }

    /// <summary>Why a shutdown was begun. Derive your own.</summary>
    public class Reason
    {
        protected Reason()
        {
        }
    }

    public sealed class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();
    }

    public sealed class ActorSystemTerminateReason : Reason
    {
        public static readonly Reason Instance = new ActorSystemTerminateReason();
    }

    public sealed class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();
    }

    public sealed class ClusterDowningReason : Reason
    {
        public static readonly Reason Instance = new ClusterDowningReason();
    }

    public sealed class ClusterLeavingReason : Reason
    {
        public static readonly Reason Instance = new ClusterLeavingReason();
    }

    public sealed class ClusterJoinUnsuccessfulReason : Reason
    {
        public static readonly Reason Instance = new ClusterJoinUnsuccessfulReason();
    }
}
