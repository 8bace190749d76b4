// The path of a setting: names separated by dots, with quotes around a name that contains a special character.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>Reads and shows paths.</summary>
internal static class HoconPath
{
    /// <summary>Takes a path, and the blanks after it.</summary>
    /// <param name="text">The text, at the path's first character.</param>
    /// <param name="places">Where each name stands.</param>
    /// <exception cref="MisconfiguredException">A name is missing.</exception>
    public static ImmutableArray<string> Take(HoconText text, out ImmutableArray<Place> places)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var starts = ImmutableArray.CreateBuilder<Place>();
        do
        {
            text.TakeBlanks();
            starts.Add(text.Place);
            names.Add(TakeName(text));
        }
        while (text.TryTake("."));
        places = starts.ToImmutable();
        return names.ToImmutable();
    }

    /// <summary>A path as it is written in a file.</summary>
    public static string Show(IEnumerable<string> names) =>
        string.Join('.', names.Select(name => NeedsQuotes(name) ? $"\"{name}\"" : name));

    /// <summary>One name, which like a value may be several words side by side.</summary>
    private static string TakeName(HoconText text)
    {
        var start = text.Place;
        string? name = null;
        string blanks = "";
        while ((text.Current == '"' ? text.TakeQuoted() : WordOrNull(text)) is { } word)
        {
            name = name is null ? word : name + blanks + word;
            blanks = text.TakeBlanks();
        }

        return name ?? throw new MisconfiguredException(start, $"a name must stand here, not {text.Shown}");
    }

    private static string? WordOrNull(HoconText text) => text.TakeWord(isName: true) is { Length: > 0 } word ? word : null;

    private static bool NeedsQuotes(string name)
    {
        var text = new HoconText("", name);
        return name.Length == 0 || text.TakeWord(isName: true).Length != name.Length;
    }
}
