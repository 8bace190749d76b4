// One phase of the shutdown as configured, and the order that follows from who depends on whom.

using Akka.Configuration;

namespace Akka.Actor;

internal sealed record ShutdownPhase(string Name, IReadOnlyList<string> DependsOn, TimeSpan Timeout, bool Recover, bool Enabled)
{
    internal static Dictionary<string, ShutdownPhase> Read(Config config)
    {
        var defaultTimeout = config.GetTimeSpan("default-phase-timeout", null, false);
        var phases = new Dictionary<string, ShutdownPhase>();
        foreach (var (name, value) in config.GetConfig("phases").AsEnumerable())
        {
            var phase = value.IsObject() ? value.ToConfig() : Config.Empty;
            phases[name] = new ShutdownPhase(
                name,
                [.. phase.GetStringList("depends-on")],
                phase.GetTimeSpan("timeout", defaultTimeout, false),
                phase.GetBoolean("recover", true),
                phase.GetBoolean("enabled", true));
        }

        return phases;
    }

    /// <summary>The phases, each after all it depends on; throws <see cref="ArgumentException"/> when they depend on each other in a circle.</summary>
    internal static IReadOnlyList<string> InOrder(Dictionary<string, ShutdownPhase> phases)
    {
        var order = new List<string>();
        var done = new HashSet<string>();
        var under = new HashSet<string>();
        foreach (var name in phases.Keys) Visit(name);
        return order;

        void Visit(string name)
        {
            if (done.Contains(name)) return;
            if (!under.Add(name)) throw new ArgumentException($"Cycle detected in graph of phases. It must be a DAG. phase [{name}] depends transitively on itself.");
            if (phases.TryGetValue(name, out var phase))
            {
                foreach (var before in phase.DependsOn) Visit(before);
                order.Add(name);
            }

            done.Add(name);
        }
    }
}
