// A new dispatcher, with a new thread, for each actor that asks.

using Akka.Configuration;

namespace Akka.Dispatch;

public sealed class PinnedDispatcherConfigurator : MessageDispatcherConfigurator
{
    public PinnedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
    }

    public override MessageDispatcher Dispatcher() =>
        new PinnedDispatcher(Id, Throughput, ThroughputDeadline, ShutdownTimeout, background: true);
}
