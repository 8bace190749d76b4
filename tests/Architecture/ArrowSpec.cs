// The four words of the design point one way: Host -> Net, Switcher, Guest; Switcher -> Guest; Net -> Guest. What a project file asks for
// and what a built assembly really uses are both held against that list.

using System.Reflection;
using System.Xml.Linq;

namespace Lguest.Architecture.Tests;

public sealed class ArrowSpec
{
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Guest"] = [],
        ["Switcher"] = ["Guest"],
        ["Net"] = ["Guest"],
        ["Host"] = ["Net", "Switcher", "Guest"],
        ["Akka.Embedded"] = [],
        ["Akka.Embedded.TestKit"] = ["Akka.Embedded"],
    };

    public static TheoryData<string> Projects =>
        [.. Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src")).Select(folder => Path.GetFileName(folder)!)];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_refers_only_to_the_projects_that_the_design_lets_it(string project)
    {
        _allowed.ShouldContainKey(project, "a new project needs its arrows here and on the design's page");
        var file = Directory.GetFiles(Path.Combine(SourceTree.Root, "src", project), "*.csproj").ShouldHaveSingleItem();

        XDocument.Load(file).Descendants("ProjectReference")
            .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/').Split('/')[^2])
            .Except(_allowed[project])
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Lguest.Guest")]
    [InlineData("Lguest.Switcher")]
    [InlineData("Lguest.Net")]
    [InlineData("lguest")]
    public void A_built_assembly_uses_only_what_the_design_lets_it(string name)
    {
        var project = name == "lguest" ? "Host" : name["Lguest.".Length..];

        Assembly.Load(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("Lguest.", StringComparison.Ordinal))
            .Select(reference => reference["Lguest.".Length..])
            .Except(_allowed[project])
            .ShouldBeEmpty();
    }

    [Fact]
    public void Only_Host_Switcher_Net_and_Guest_ask_for_actors_and_they_ask_in_one_way()
    {
        foreach (var project in SourceTree.All.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)))
            XDocument.Parse(project.Text).Descendants()
                .Where(element => element.Name.LocalName is "PackageReference" or "ProjectReference")
                .Select(element => element.Attribute("Include")!.Value)
                .Where(include => include.Contains("Akka", StringComparison.Ordinal) && !project.Path.Contains("Akka.Embedded", StringComparison.Ordinal))
                .ShouldBeEmpty($"{project.Path} must say UsesAkka instead: which runtime that is, build/Akka.targets decides");
    }
}
