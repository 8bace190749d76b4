// Akka's Config knows what a file says and has forgotten where it says it. This is the other half: for each setting's path, the place of its key and of its
// value, and for settings that came by way of a substitution the place of whoever asked for it.

namespace Lguest.Host.Topologies.Hocon;

/// <summary>Places of settings by path. A path is its names joined by '/', items of lists by number.</summary>
/// <param name="file">The outermost file, for what has no place at all.</param>
internal sealed class PlaceMap(string file)
{
    private readonly Dictionary<string, (Place Key, Place Value)> _places = [];
    private readonly Dictionary<string, int> _order = [];
    private readonly Dictionary<string, List<int>> _separators = [];
    private readonly List<Substitution> _substitutions = [];

    public IReadOnlyCollection<string> Paths => _places.Keys;

    /// <summary>All substitutions, in the order of the texts.</summary>
    public IReadOnlyList<Substitution> Substitutions => _substitutions;

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}/{name}";

    /// <summary>A later mention of the same path is the one that counts.</summary>
    public void Add(string path, Place key, Place value)
    {
        _places[path] = (key, value);
        _order.TryAdd(path, _order.Count);
    }

    /// <summary>The value of a path refers to another.</summary>
    public void Add(Substitution substitution) => _substitutions.Add(substitution);

    /// <summary>How many paths were mentioned before it for the first time; those that never were come last.</summary>
    public int Order(string path) => _order.GetValueOrDefault(path, int.MaxValue);

    public bool Contains(string path) => _places.ContainsKey(path);

    /// <summary>Where the key stands.</summary>
    public Place Key(string path) => Find(path).Key;

    /// <summary>Where the value begins.</summary>
    public Place Value(string path) => Find(path).Value;

    /// <summary>There is a comma between two settings.</summary>
    public void AddSeparator(string name, int position)
    {
        if (!_separators.TryGetValue(name, out var positions))
            _separators.Add(name, positions = []);
        positions.Add(position);
    }

    /// <summary>A file's text with newlines for these commas, which not every reader of HOCON takes behind a closing brace.</summary>
    public string WithoutSeparators(string name, string text)
    {
        if (!_separators.TryGetValue(name, out var positions))
            return text;
        var letters = text.ToCharArray();
        foreach (var position in positions)
            letters[position] = '\n';
        return new string(letters);
    }

    private (Place Key, Place Value) Find(string path)
    {
        while (true)
        {
            if (_places.TryGetValue(path, out var places))
                return places;
            var cut = path.LastIndexOf('/');
            if (cut < 0)
                return (new Place(file, 1, 1), new Place(file, 1, 1));
            path = path[..cut];
        }
    }
}
