// Each project is a pure core and a thin Actors folder. Here is what "pure" means: Akka's types are met only in *.Actors namespaces, and
// all but Host, whose work must be a function of its inputs, have no async code, no clock and no console of their own.

using System.Reflection;
using System.Text.RegularExpressions;

namespace Lguest.Architecture.Tests;

public sealed partial class PureCoreSpec
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData("src/Guest")]
    [InlineData("src/Machine")]
    [InlineData("src/Pc")]
    [InlineData("src/Switcher")]
    [InlineData("src/Net")]
    [InlineData("src/Devices")]
    [InlineData("src/Launcher")]
    [InlineData("src/Linux")]
    [InlineData("src/Topology")]
    [InlineData("src/Host")]
    public void Sources_name_Akka_only_in_Actors_namespaces(string project) =>
        SourceTree.CSharp(project)
            .Where(file => !ActorsNamespace().IsMatch(file.Text))
            .SelectMany(file => file.Code.Where(line => AkkaName().IsMatch(line.Code))
                .Select(line => $"{file.Path}:{line.Number}: {line.Code.Trim()}"))
            .ShouldBeEmpty();

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
    public void Types_touch_Akka_only_in_Actors_namespaces(string assembly) =>
        Assembly.Load(assembly).GetTypes()
            .Where(type => !InActors(type))
            .SelectMany(type => TypesUsedBy(type).Where(IsAkka).Select(used => $"{type.FullName} uses {used.FullName}"))
            .Distinct()
            .ShouldBeEmpty();

    [Theory]
    [InlineData("src/Guest")]
    [InlineData("src/Machine")]
    [InlineData("src/Pc")]
    [InlineData("src/Switcher")]
    [InlineData("src/Net")]
    [InlineData("src/Devices")]
    [InlineData("src/Launcher")]
    [InlineData("src/Linux")]
    [InlineData("src/Topology")]
    public void The_core_has_no_async_no_clock_and_no_console(string project) =>
        SourceTree.CSharp(project)
            .Where(file => !ActorsNamespace().IsMatch(file.Text))
            .SelectMany(file => file.Code.Where(line => Impure().IsMatch(line.Code))
                .Select(line => $"{file.Path}:{line.Number}: {line.Code.Trim()}"))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("src/Guest", "Lguest.Guest")]
    [InlineData("src/Machine", "Lguest.Machine")]
    [InlineData("src/Pc", "Lguest.Pc")]
    [InlineData("src/Switcher", "Lguest.Switcher")]
    [InlineData("src/Net", "Lguest.Net")]
    [InlineData("src/Devices", "Lguest.Devices")]
    [InlineData("src/Launcher", "Lguest.Launcher")]
    [InlineData("src/Linux", "Lguest.Linux")]
    [InlineData("src/Topology", "Lguest.Topology")]
    [InlineData("src/Host", "Lguest.Host")]
    public void Namespaces_follow_folders(string project, string root)
    {
        foreach (var file in SourceTree.CSharp(project))
        {
            var declared = DeclaredNamespace().Match(file.Text);
            if (!declared.Success)
                continue;
            string folders = Path.GetDirectoryName(file.Path)!.Replace('\\', '/')[project.Length..].Replace('/', '.');
            declared.Groups[1].Value.ShouldBe(root + folders, file.Path);
        }
    }

    private static bool InActors(Type type) => type.Namespace is { } name && name.Split('.').Contains("Actors");

    private static bool IsAkka(Type type) => type.Assembly.GetName().Name!.StartsWith("Akka", StringComparison.Ordinal);

    private static IEnumerable<Type> TypesUsedBy(Type type)
    {
        var direct = new List<Type?> { type.BaseType };
        direct.AddRange(type.GetInterfaces());
        direct.AddRange(type.GetFields(Everything).Select(field => field.FieldType));
        direct.AddRange(type.GetProperties(Everything).Select(property => property.PropertyType));
        foreach (var method in type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
        {
            direct.AddRange(method.GetParameters().Select(parameter => parameter.ParameterType));
            direct.Add((method as MethodInfo)?.ReturnType);
            direct.AddRange(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []);
        }

        return direct.OfType<Type>().SelectMany(WithArguments).Distinct();
    }

    private static IEnumerable<Type> WithArguments(Type type) => type switch
    {
        { HasElementType: true } => WithArguments(type.GetElementType()!),
        { IsGenericType: true } => type.GetGenericArguments().SelectMany(WithArguments).Append(type),
        _ => [type],
    };

    [GeneratedRegex(@"^namespace [\w.]*\.Actors(\.\w+)*;", RegexOptions.Multiline)]
    private static partial Regex ActorsNamespace();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex DeclaredNamespace();

    [GeneratedRegex(
        @"\busing (static )?Akka\b|\bAkka\.(Actor|Event|Configuration|Dispatch|Pattern|Serialization|TestKit|Util|Routing|IO|Cluster)\b")]
    private static partial Regex AkkaName();

    [GeneratedRegex(
        @"\basync\b|\bawait\b|DateTime(Offset)?\.(Utc)?Now|\bStopwatch\.|Environment\.TickCount|\bTimeProvider\.System"
            + @"|\bConsole\.|\bILogger\b|\bSerilog\b")]
    private static partial Regex Impure();
}
