// Makes the Switcher's dispatcher from its section of hocon/lguest.conf; named there by its type, as Akka has it for dispatchers of one's
// own.
using Akka.Configuration;
using Akka.Dispatch;

namespace Lguest.Switcher.Actors;

/// <summary>Configurator of <see cref="TrapDispatcher"/>.</summary>
public sealed class TrapDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly TrapDispatcher _instance;

    public TrapDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _instance = new TrapDispatcher(this);

    public override MessageDispatcher Dispatcher() => _instance;
}
