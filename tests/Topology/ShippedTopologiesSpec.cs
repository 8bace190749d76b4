// Every topology that is shipped can be read, and its comments do not lie about that.

using Lguest.Topology.Actors;
using Lguest.Topology.Drawing;

namespace Lguest.Topology.Tests;

public sealed class ShippedTopologiesSpec
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder(), "*.conf").Select(file => Path.GetFileName(file)!)
        .Where(name => name != "lguest.conf")];

    [Theory, MemberData(nameof(Files))]
    public void Each_is_right_and_can_be_drawn(string name)
    {
        var topology = TopologyFile.Read(Path.Combine(Folder(), name), filesAreHere: false).Topology;

        TextDrawing.Draw(topology).ShouldContain(topology.Guests[^1].Name);
    }

    internal static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "hocon")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "hocon");
    }
}
