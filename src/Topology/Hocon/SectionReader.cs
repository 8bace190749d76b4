// Reads one section of a configuration strictly: an unknown name or a value of the wrong kind is an error with its place and a suggestion.
// The reference file defines the known names, so there is no second list.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>A section with its defaults beneath it.</summary>
internal sealed class SectionReader
{
    private readonly string _what;
    private readonly IReadOnlyList<(string Path, Setting.Section Section)> _layers;
    private readonly Setting.Section _reference;
    private readonly PlaceMap _places;

    /// <param name="what">What the section is, for messages: "guest 'web'".</param>
    /// <param name="places">Where everything stands.</param>
    /// <param name="reference">The defaults of the reference; its names are all there are.</param>
    /// <param name="layers">Sections of the file, the one that wins first.</param>
    /// <exception cref="MisconfiguredException">A name in them is not known.</exception>
    public SectionReader(string what, PlaceMap places, Setting.Section reference,
        params IReadOnlyList<(string Path, Setting.Section Section)> layers)
    {
        _what = what;
        _places = places;
        _reference = reference;
        _layers = layers;
        foreach (var (path, section) in layers)
            CheckNames(what, path, section, reference, places);
    }

    /// <summary>Where the section begins.</summary>
    public Place Place => _places.Key(_layers[0].Path);

    /// <exception cref="MisconfiguredException">The section has a name that the reference has not.</exception>
    public static void CheckNames(string what, string path, Setting.Section section, Setting.Section reference, PlaceMap places)
    {
        var known = reference.Fields.Select(field => field.Name).ToList();
        foreach (var (name, _) in section.Fields)
            if (!known.Contains(name))
                throw new MisconfiguredException(places.Key(PlaceMap.Join(path, name)),
                    $"{what} has no setting '{name}'{Suggestion.For(name, known)}");
    }

    /// <summary>Where the value that counts stands; where the section begins if it is a default.</summary>
    public Place At(string name) => Find(name).Path is { } path ? _places.Value(path) : Place;

    /// <summary>An error in the value of a name.</summary>
    public MisconfiguredException Wrong(string name, string problem) => new(At(name), $"{_what}: {problem}");

    /// <summary>Whether the file itself says something about it.</summary>
    public bool Says(string name) => Find(name).Path is not null;

    /// <summary>Whether the file itself says something about it that is not what the reference says.</summary>
    public bool Changes(string name) => Says(name) && !(_reference.Find(name) is Setting.Text known && known.Value == Text(name));

    public string Text(string name)
    {
        var (value, _) = Find(name);
        return value is Setting.Text text ? text.Value : throw Wrong(name, $"{name} must be one value, not a {Kind(value)}");
    }

    /// <summary>Text, or null if it is empty.</summary>
    public string? TextOrNull(string name) => Text(name) is { Length: > 0 } text ? text : null;

    /// <summary>A path as seen from here: one that is relative starts at the folder of the file in which the value of a name is
    /// written.</summary>
    /// <param name="name">The name.</param>
    /// <param name="path">The path; most often the value itself.</param>
    public string Beside(string name, string path) =>
        BesideFile(Find(name).Value is Setting.Text { File: { } file } ? file : _places.File, path);

    /// <summary>A path that a file names, which starts at the file's own folder.</summary>
    public static string BesideFile(string file, string path) => Path.Combine(Path.GetDirectoryName(file) ?? "", path);

    public bool Switch(string name) => Text(name) switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        var other => throw Wrong(name, $"{name} = {Short(other)} is not a switch; write on or off"),
    };

    /// <summary>A switch, or null for the word that leaves it open.</summary>
    public bool? SwitchOr(string name, string open) => Text(name) switch
    {
        var text when text == open => null,
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        var other => throw Wrong(name, $"{name} = {Short(other)} is not a switch; write on, off or {open}"),
    };

    public T Choice<T>(string name, params IReadOnlyList<(string Word, T Value)> choices)
    {
        string text = Text(name);
        foreach (var (word, value) in choices)
            if (word == text)
                return value;
        throw Wrong(name,
            $"{name} = {Short(text)} is not one of its values{Suggestion.For(text, [.. choices.Select(choice => choice.Word)])}");
    }

    public int Whole(string name, int least, int most) =>
        int.TryParse(Text(name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most
            ? number
            : throw Wrong(name, $"{name} = {Short(Text(name))} is not allowed; write a whole number from {least} to {most}");

    /// <summary>A whole number, or null for the word that stands for none.</summary>
    public int? WholeOr(string name, string none, int least, int most) => Text(name) == none ? null : Whole(name, least, most);

    public long Size(string name) => Quantity.Size(Text(name)) ?? throw Wrong(name,
        $"{name} = {Short(Text(name))} is not a size; write megabytes, or for example 64M or 1G");

    public long? SizeOrOff(string name) => Text(name) == "off" ? null : Size(name);

    public long? RateOrOff(string name) => Text(name) == "off" ? null
        : Quantity.Rate(Text(name)) is { } rate and > 0 ? rate
        : throw Wrong(name,
            $"{name} = {Short(Text(name))} is not a rate; write for example 10Mbit (bits in a second) or 5MB (bytes in a second), or off");

    public TimeSpan Time(string name, TimeSpan most) => Quantity.Time(Text(name)) is not { } time ? throw Wrong(name,
        $"{name} = {Short(Text(name))} is not a time; write for example 20ms or 1.5s")
        : time <= most ? time
        : throw Wrong(name, $"{name} = {Short(Text(name))} is too long; write at most {most.TotalSeconds:0.###}s");

    public double Fraction(string name) =>
        Quantity.Fraction(Text(name)) ?? throw Wrong(name, Quantity.Percent(Text(name)) is { } bare and <= 100
        ? $"{name} = {Short(Text(name))} can mean percent or parts of one; write {bare:0.###}%, or 100% for all"
        : $"{name} = {Short(Text(name))} is not a fraction; write for example 5% or 0.05");

    public double? PercentOrOff(string name, double most) => Text(name) == "off" ? null
        : Quantity.Percent(Text(name)) is { } percent && percent > 0 && percent <= most ? percent
        : throw Wrong(name, Quantity.Fraction(Text(name)) is { } bare and > 0
            ? $"{name} = {Short(Text(name))} can mean percent or parts of one; write {bare:0.###}% or {bare * 100:0.###}%"
            : $"{name} = {Short(Text(name))} is not allowed; write percent of a core, above 0 and up to {most:0}, or off");

    /// <summary>The items of a list with their paths; a single text or section counts as a list of one.</summary>
    public ImmutableArray<(Setting Value, string Path)> Items(string name)
    {
        var (value, path) = Find(name);
        path ??= PlaceMap.Join(_layers[0].Path, name);
        return value switch
        {
            Setting.Items items => [.. items.Values.Select(
                (item, index) => (item, PlaceMap.Join(path, index.ToString(System.Globalization.CultureInfo.InvariantCulture))))],
            Setting.Text { Value: "" } => [],
            _ => [(value, path)],
        };
    }

    public ImmutableArray<string> Words(string name) =>
        [.. Items(name).Select(item => item.Value is Setting.Text text
            ? text.Value
            : throw new MisconfiguredException(_places.Value(item.Path), $"{_what}: {name} must be a list of words"))];

    /// <summary>A value cut to a length that fits into a line.</summary>
    public static string Short(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return $"'{(line.Length > 40 ? line[..40] + "..." : line)}'";
    }

    private static string Kind(Setting value) => value is Setting.Section ? "section in braces" : "list";

    private (Setting Value, string? Path) Find(string name)
    {
        foreach (var (path, section) in _layers)
            if (section.Find(name) is { } value)
                return (value, PlaceMap.Join(path, name));
        return (_reference.Find(name) ?? throw new InvalidOperationException($"the reference has no '{name}'"), null);
    }
}
