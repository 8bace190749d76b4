// Makes dispatchers from one section of the configuration: always the same one, or one for each actor.

using Akka.Configuration;

namespace Akka.Dispatch;

public abstract class MessageDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
{
    public Config Config { get; } = config;
    public IDispatcherPrerequisites Prerequisites { get; } = prerequisites;

    protected string Id => Config.GetString("id");
    protected int Throughput => Config.GetInt("throughput");
    protected TimeSpan ThroughputDeadline => Config.GetTimeSpan("throughput-deadline-time");
    protected TimeSpan ShutdownTimeout => Config.GetTimeSpan("shutdown-timeout");

    public abstract MessageDispatcher Dispatcher();

    protected internal virtual void Shutdown()
    {
    }
}
