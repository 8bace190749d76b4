// The shared kinds of dispatcher: on the thread pool, or on threads of their own.

using Akka.Configuration;

namespace Akka.Dispatch;

public sealed class DispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly Lazy<MessageDispatcher> _instance;

    public DispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _instance = new Lazy<MessageDispatcher>(Create);

    public override MessageDispatcher Dispatcher() => _instance.Value;

    protected internal override void Shutdown()
    {
        if (_instance.IsValueCreated) _instance.Value.Shutdown();
    }

    private MessageDispatcher Create() =>
        new Dispatcher(Id, Throughput, ThroughputDeadline, ShutdownTimeout, CreateExecutor(Config.GetString("executor")));

    private ExecutorService CreateExecutor(string name)
    {
        switch (name)
        {
            case null or "" or "default-executor" or "thread-pool-executor" or "task-executor":
                return new ThreadPoolExecutorService(Id);
            case "fork-join-executor":
                return new ForkJoinExecutorService(Id, ThreadCount(), ThreadsAreBackground());
            default:
                throw new ConfigurationException($"Unknown executor [{name}] for dispatcher [{Id}]");
        }
    }

    private int ThreadCount()
    {
        if (Config.HasPath("dedicated-thread-pool.thread-count")) return Config.GetInt("dedicated-thread-pool.thread-count");
        var wanted = (int)Math.Ceiling(Environment.ProcessorCount * Config.GetDouble("fork-join-executor.parallelism-factor", 1.0));
        return Math.Clamp(wanted, Config.GetInt("fork-join-executor.parallelism-min", 8), Config.GetInt("fork-join-executor.parallelism-max", 64));
    }

    private bool ThreadsAreBackground() => Config.GetString("dedicated-thread-pool.threadtype", "background") != "foreground";
}
