// Maps the path of a setting to its place in the files: of the key and of the value that counts.

using System.Globalization;

namespace Lguest.Topology.Hocon;

/// <summary>Places of settings by path. A path is its names joined by '/', items of lists by number.</summary>
/// <param name="file">The outermost file, for what has no place at all.</param>
/// <param name="root">What the file says.</param>
internal sealed class PlaceMap(string file, Setting.Section root)
{
    /// <summary>Stands for a '/' in a name, so that it separates nothing.</summary>
    private const char Slash = '\0';

    /// <summary>The outermost file.</summary>
    public string File => file;

    /// <summary>The path of a setting in the section at a path.</summary>
    public static string Join(string path, string name)
    {
        string plain = name.Replace('/', Slash);
        return path.Length == 0 ? plain : $"{path}/{plain}";
    }

    /// <summary>Where the key stands; for a path that leads nowhere, that of the innermost setting on the way.</summary>
    public Place Key(string path) => Find(path).Key;

    /// <summary>Where the value begins.</summary>
    public Place Value(string path) => Find(path).Value;

    private (Place Key, Place Value) Find(string path)
    {
        var start = new Place(file, 1, 1);
        var (places, setting) = ((start, start), (Setting)root);
        foreach (string name in path.Split('/'))
        {
            switch (setting)
            {
                case Setting.Section section when section.FieldOf(name.Replace(Slash, '/')) is { } field:
                    (places, setting) = ((field.Key, field.Place), field.Value);
                    break;
                case Setting.Items items when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    && index < items.Places.Length:
                    (places, setting) = ((items.Places[index], items.Places[index]), items.Values[index]);
                    break;
                default:
                    return places;
            }
        }

        return places;
    }
}
