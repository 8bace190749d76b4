// Finds the types that configuration names. Names that say one of Akka.NET's own assemblies mean this one here.

namespace Akka.Util;

internal static class TypeResolver
{
    /// <summary>The type, or null: "Name.Space.Type", "Name.Space.Type, Assembly".</summary>
    internal static Type Find(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) return null;
        if (Type.GetType(name, throwOnError: false) is { } found) return found;
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        var bare = comma < 0 ? name.Trim() : name[..comma].Trim();
        var assembly = comma < 0 ? "" : name[(comma + 1)..].Split(',')[0].Trim();
        foreach (var candidate in AppDomain.CurrentDomain.GetAssemblies())
        {
            var simple = candidate.GetName().Name;
            var fits = assembly.Length == 0 || simple == assembly
                || ((assembly == "Akka" || assembly.StartsWith("Akka.", StringComparison.Ordinal)) && simple.StartsWith("Akka.Embedded", StringComparison.Ordinal));
            if (fits && candidate.GetType(bare, throwOnError: false) is { } type) return type;
        }

        return null;
    }
}
