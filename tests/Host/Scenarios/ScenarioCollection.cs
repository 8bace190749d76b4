// Scenarios measure silence, and each has several processes: two at once on two cores would take each other's load for a lost node. They
// run one by one, when all other tests are done.

namespace Lguest.Host.Tests.Scenarios;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ScenarioCollection
{
    public const string Name = "scenarios";
}
