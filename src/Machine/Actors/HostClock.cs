// All actors of a system go by one clock. Its owner hands it over once, with the configuration, and an actor that needs the time asks the
// system for it: a test that wants to be master of time makes the system with a clock of its own.
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace Lguest.Machine.Actors;

/// <summary>The clock of an actor system.</summary>
public static class HostClock
{
    /// <summary>The clock that the system was made with; without one, the machine's.</summary>
    public static IHostClock Of(ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<ClockSetup>();
        return setup.HasValue ? setup.Value.Clock : SystemClock.Instance;
    }

    /// <summary>What <see cref="ActorSystem.Create(string, ActorSystemSetup)"/> wants for a system with a clock of its own.</summary>
    public static ActorSystemSetup Setup(Config config, IHostClock clock) =>
        BootstrapSetup.Create().WithConfig(config).And(new ClockSetup(clock));

    private sealed class ClockSetup(IHostClock clock) : Setup
    {
        public IHostClock Clock => clock;
    }
}
