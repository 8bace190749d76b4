// The rooms of the house point one way: Host -> Topology -> Linux -> Launcher -> Devices -> Net, Switcher, Pc -> Machine -> Guest, and no
// arrow up. What a project file asks for and what a built assembly really uses are both held against the list below. So are the packages
// that reach outside: a terminal, a command line and a cluster are each one room's business.

using System.Reflection;
using System.Xml.Linq;

namespace Lguest.Architecture.Tests;

public sealed class ArrowSpec
{
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Guest"] = [],
        ["Machine"] = ["Guest"],
        ["Pc"] = ["Machine", "Guest"],
        ["Switcher"] = ["Machine", "Guest"],
        ["Net"] = ["Machine", "Guest"],
        ["Devices"] = ["Net", "Switcher", "Pc", "Machine", "Guest"],
        ["Launcher"] = ["Devices", "Net", "Switcher", "Pc", "Machine", "Guest"],
        ["Linux"] = ["Launcher", "Devices", "Net"],
        ["Topology"] = ["Linux", "Launcher", "Devices", "Net", "Switcher", "Machine", "Guest"],
        ["Host"] = ["Topology", "Linux", "Launcher", "Devices", "Net", "Switcher", "Pc", "Machine", "Guest"],
    };

    private static IEnumerable<string> Rooms =>
        Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src")).Select(folder => Path.GetFileName(folder)!);

    public static TheoryData<string> Projects => [.. Rooms];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_refers_only_to_the_projects_that_the_design_lets_it(string project)
    {
        _allowed.ShouldContainKey(project, "a new project needs its arrows here and on the design's page");
        XDocument.Load(ProjectFile(project)).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/').Split('/')[^2])
            .Except(_allowed[project])
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Lguest.Guest")]
    [InlineData("Lguest.Machine")]
    [InlineData("Lguest.Pc")]
    [InlineData("Lguest.Switcher")]
    [InlineData("Lguest.Net")]
    [InlineData("Lguest.Devices")]
    [InlineData("Lguest.Launcher")]
    [InlineData("Lguest.Linux")]
    [InlineData("Lguest.Topology")]
    [InlineData("lguest")]
    public void A_built_assembly_uses_only_what_the_design_lets_it(string name)
    {
        string project = name == "lguest" ? "Host" : name["Lguest.".Length..];

        Assembly.Load(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("Lguest.", StringComparison.Ordinal))
            .Select(reference => reference["Lguest.".Length..])
            .Except(_allowed[project])
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Akka", "Machine", "Switcher", "Net")]
    [InlineData("Akka.Cluster", "Net")]
    [InlineData("Akka.Cluster.Tools", "Topology")]
    [InlineData("Iced", "Guest")]
    [InlineData("Serilog", "Topology", "Host")]
    [InlineData("SharpCompress", "Launcher")]
    [InlineData("K4os.Compression.LZ4", "Launcher")]
    [InlineData("Spectre.Console", "Host")]
    [InlineData("System.CommandLine", "Host")]
    public void A_package_is_asked_for_by_the_rooms_whose_business_it_is(string package, params string[] rooms) =>
        Rooms.Where(project => XDocument.Load(ProjectFile(project)).Descendants("PackageReference")
                .Any(reference => reference.Attribute("Include")!.Value == package))
            .ShouldBe(rooms, ignoreOrder: true);

    /// <summary>The Host's programs ask nodes for what actors do, and wait for the end.</summary>
    [Theory]
    [InlineData("Lguest.Guest")]
    [InlineData("Lguest.Pc")]
    [InlineData("Lguest.Linux")]
    [InlineData("lguest")]
    public void An_assembly_without_actors_uses_nothing_of_Akka(string name) =>
        Assembly.Load(name).GetReferencedAssemblies()
            .Where(reference => reference.Name!.StartsWith("Akka", StringComparison.Ordinal))
            .ShouldBeEmpty();

    private static string ProjectFile(string project) =>
        Directory.GetFiles(Path.Combine(SourceTree.Root, "src", project), "*.csproj").ShouldHaveSingleItem();
}
