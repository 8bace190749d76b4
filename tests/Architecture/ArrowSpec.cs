// The rooms of the house point one way: Host -> Linux -> Launcher -> Devices -> Net, Switcher, Pc -> Machine -> Guest, and each to all below it; Net,
// Switcher and Pc know nothing of one another. What a project file asks for and what a built assembly really uses are both held against
// that list.

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
        ["Host"] = ["Linux", "Launcher", "Devices", "Net", "Switcher", "Pc", "Machine", "Guest"],
    };

    public static TheoryData<string> Projects =>
        [.. Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src")).Select(folder => Path.GetFileName(folder)!)];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_refers_only_to_the_projects_that_the_design_lets_it(string project)
    {
        _allowed.ShouldContainKey(project, "a new project needs its arrows here and on the design's page");
        string file = Directory.GetFiles(Path.Combine(SourceTree.Root, "src", project), "*.csproj").ShouldHaveSingleItem();

        XDocument.Load(file).Descendants("ProjectReference")
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

    [Fact]
    public void The_core_of_a_Guest_knows_no_actors() =>
        XDocument.Load(Path.Combine(SourceTree.Root, "src/Guest/Lguest.Guest.csproj")).Descendants("PackageReference")
            .Select(element => element.Attribute("Include")!.Value)
            .Where(include => include.StartsWith("Akka", StringComparison.Ordinal))
            .ShouldBeEmpty();
}
