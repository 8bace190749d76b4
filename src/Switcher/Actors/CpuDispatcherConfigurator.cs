// Makes the dispatcher of the CPUs from its section of hocon/lguest.conf; named there by its type, as Akka has it for dispatchers of one's
// own.
using Akka.Configuration;
using Akka.Dispatch;
using Lguest.Machine.Actors;

namespace Lguest.Switcher.Actors;

/// <summary>Configurator of <see cref="CpuDispatcher"/>.</summary>
public sealed class CpuDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly CpuDispatcher _instance;

    public CpuDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _instance = new CpuDispatcher(this, HostClock.Of(prerequisites.Settings.System));

    public override MessageDispatcher Dispatcher() => _instance;
}
