// Topologies for tests are texts, read as files are.

using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

internal static class TopologyTexts
{
    /// <summary>Reads a text as the file test.conf, on a machine that has every file but those whose name has "missing" in it.</summary>
    public static TopologyDefinition Read(string text, params (string Name, string Text)[] others) =>
        TopologyFile.Parse("test.conf", text, name => others.FirstOrDefault(other => other.Name == name).Text, path =>
            !path.Contains("missing", StringComparison.Ordinal)).Topology;

    /// <summary>The one line that is told about a text.</summary>
    public static string Complaint(string text, params (string Name, string Text)[] others) =>
        Should.Throw<MisconfiguredException>(() => Read(text, others)).Message;
}
