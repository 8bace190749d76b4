// Actor systems that are measured say nothing unless something is wrong: what Akka logs by default would stand between the rows of the
// table.

using Akka.Configuration;

namespace Lguest.Bench;

internal static class Quiet
{
    /// <summary>Settings above all others of a system.</summary>
    public static Config Log { get; } = ConfigurationFactory.ParseString("akka { loglevel = ERROR, stdout-loglevel = ERROR }");
}
