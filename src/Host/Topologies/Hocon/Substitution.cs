// HOCON lets a section be another one and then some: b = ${a} { ... }. Not every reader of HOCON does: Akka.NET's own keeps the braces and drops the
// substitution in front of them, without a word. A topology that is misread is worse than one that is refused, so what a substitution
// should have brought is looked for in what was read.

namespace Lguest.Host.Topologies.Hocon;

/// <summary>A <c>${target}</c> in the value at a path.</summary>
/// <param name="At">The path whose value it is in, or is a part of.</param>
/// <param name="Within">Where its file is included; what it refers to is looked for there first. Empty for the outermost file.</param>
/// <param name="Target">What it refers to.</param>
/// <param name="Place">Where it stands.</param>
internal sealed record Substitution(string At, string Within, string Target, Place Place)
{
    /// <summary>Says what is missing of the sections that were referred to.</summary>
    /// <param name="settings">What the reader made of the text.</param>
    /// <exception cref="MisconfiguredException">Something is.</exception>
    public void CheckIn(Setting.Section settings)
    {
        if (Find(settings, At) is not Setting.Section here || (Find(settings, PlaceMap.Join(Within, Target)) ?? Find(settings, Target)) is not Setting.Section there)
            return;
        if (!ReferenceEquals(here, there) && Missing(here, there) is { } missing)
            throw new MisconfiguredException(Place, $"this program's HOCON reader lost '{missing}', which ${{{Target.Replace('/', '.')}}} stands for; write the settings out here");
    }

    private static Setting? Find(Setting.Section settings, string path)
    {
        Setting? found = settings;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            found = (found as Setting.Section)?.Find(name);
        return found;
    }

    /// <summary>A setting of one section that another has not; null if there is none. What has another value there was written over.</summary>
    private static string? Missing(Setting.Section here, Setting.Section there)
    {
        var known = here.Fields.ToDictionary(field => field.Name, field => field.Value);
        foreach (var (name, value) in there.Fields)
        {
            if (!known.TryGetValue(name, out var mine))
                return name;
            if (value is Setting.Section inner && mine is Setting.Section own && Missing(own, inner) is { } missing)
                return $"{name}.{missing}";
        }

        return null;
    }
}
