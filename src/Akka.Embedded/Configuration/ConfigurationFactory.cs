// Where configurations come from: texts, embedded resources, and the reference configuration with every default.

using System.Reflection;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

public static class ConfigurationFactory
{
    private static readonly Lazy<Config> _reference = new(() => FromResource("Akka.Configuration.akka.conf", typeof(ConfigurationFactory).Assembly));

    public static Config Empty => ParseString("");

    public static Config ParseString(string hocon) => ParseString(hocon, null);

    /// <summary>Parses a text; throws <see cref="FormatException"/> with line and column when it cannot.</summary>
    public static Config ParseString(string hocon, Func<string, HoconRoot> includeCallback) => new(Parser.Parse(hocon, includeCallback));

    /// <summary>What the application has configured outside its code: nothing, as there is no app.config to read.</summary>
    public static Config Load() => Empty;

    /// <summary>The reference configuration.</summary>
    public static Config Default() => _reference.Value;

    public static Config FromResource<TAssembly>(string resourceName) => FromResource(resourceName, typeof(TAssembly).Assembly);

    public static Config FromResource(string resourceName, object instanceInAssembly) => instanceInAssembly switch
    {
        Type type => FromResource(resourceName, type.Assembly),
        Assembly assembly => FromResource(resourceName, assembly),
        _ => FromResource(resourceName, instanceInAssembly.GetType().Assembly),
    };

    public static Config FromResource(string resourceName, Assembly assembly)
    {
        using var stream = assembly.GetManifestResourceStream(resourceName)
            ?? throw new ConfigurationException($"There is no resource [{resourceName}] in {assembly.GetName().Name}");
        using var reader = new StreamReader(stream);
        try
        {
            return ParseString(reader.ReadToEnd());
        }
        catch (FormatException failure)
        {
            throw new FormatException($"in resource {resourceName}: {failure.Message}", failure);
        }
    }
}
