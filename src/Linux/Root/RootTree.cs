// A root file system as names and what stands under them. Names are relative to the root, with slashes, in the order of their bytes, so
// that what is made of the same packages is the same to the last byte.

using Lguest.Devices;

namespace Lguest.Linux.Root;

/// <summary>A tree that packages are laid into.</summary>
internal sealed class RootTree
{
    private const int LongestName = 4095;
    private const int MostLinks = 16;

    private readonly SortedDictionary<string, RootEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>All names but the root's own, a folder before what is in it.</summary>
    public IReadOnlyDictionary<string, RootEntry> Entries => _entries;

    /// <summary>What stands under a name, links in its path followed; null for nothing.</summary>
    public RootEntry? Find(string name) => _entries.GetValueOrDefault(Place(name));

    /// <summary>Lays something into the tree, with the folders above it where they are missing. What was there before goes, but a folder
    /// that is laid onto a folder, or onto a link to one, changes only its rights, as a package manager has it.</summary>
    /// <param name="name">Relative to the root; a leading <c>./</c> or <c>/</c> means nothing.</param>
    /// <param name="entry">What to lay there.</param>
    /// <exception cref="RefusedException">The name leads out of the tree or is not one.</exception>
    public void Add(string name, RootEntry entry)
    {
        string place = Place(name);
        if (place.Length == 0)
            return;
        for (int slash = place.IndexOf('/'); slash >= 0; slash = place.IndexOf('/', slash + 1))
        {
            string above = place[..slash];
            if (!_entries.TryGetValue(above, out var found))
                _entries.Add(above, RootEntry.Folder());
            else if (found.Kind != RootKind.Folder)
                throw new RefusedException($"'{Show(name)}' lies below '{Show(above)}', which is not a folder");
        }

        if (_entries.TryGetValue(place, out var there) && entry.Kind == RootKind.Folder && there.Kind == RootKind.Link
            && Find(there.Target.StartsWith('/') ? there.Target : Parent(place) + there.Target) is { Kind: RootKind.Folder })
            return;
        if (there is { Kind: RootKind.Folder } && entry.Kind != RootKind.Folder && HasChildren(place))
            throw new RefusedException($"'{Show(name)}' is a folder of one package and a file of another");
        _entries[place] = entry;
    }

    /// <summary>Adds it only where there is nothing yet.</summary>
    public void AddIfMissing(string name, RootEntry entry)
    {
        if (Find(name) is null)
            Add(name, entry);
    }

    /// <summary>Takes out a name with all below it.</summary>
    public void Remove(string name)
    {
        string place = Place(name);
        foreach (string gone in _entries.Keys.Where(key => IsIn(key, place)).ToList())
            _entries.Remove(gone);
    }

    /// <summary>Changes all entries at or below a name, but links.</summary>
    public void Change(string name, Func<RootEntry, RootEntry> change)
    {
        string place = Place(name);
        foreach (string key in _entries.Keys.Where(key => IsIn(key, place)).ToList())
            if (_entries[key].Kind != RootKind.Link)
                _entries[key] = change(_entries[key]);
    }

    /// <summary>Names of files and links right in a folder.</summary>
    public IEnumerable<string> NamesIn(string folder)
    {
        string prefix = Place(folder) + "/";
        return _entries.Where(pair => pair.Value.Kind != RootKind.Folder && pair.Key.StartsWith(prefix, StringComparison.Ordinal)
                && !pair.Key[prefix.Length..].Contains('/', StringComparison.Ordinal))
            .Select(pair => pair.Key[prefix.Length..]);
    }

    private static bool IsIn(string key, string place) =>
        key == place || (key.StartsWith(place, StringComparison.Ordinal) && key[place.Length] == '/');

    private static string Parent(string place) => place[..(place.LastIndexOf('/') + 1)];

    private bool HasChildren(string place) => _entries.Keys.Any(key => key.StartsWith(place + "/", StringComparison.Ordinal));

    /// <summary>The name with the links on the way to it followed, so that /bin/sh and /usr/bin/sh are one place.</summary>
    private string Place(string name)
    {
        if (name.Length > LongestName || name.Contains('\0', StringComparison.Ordinal))
            throw new RefusedException($"'{Show(name)}' is not a file name");
        var waiting = new Stack<string>(Pieces(name).Reverse());
        var done = new List<string>();
        int links = 0;
        while (waiting.TryPop(out string? piece))
        {
            if (piece == "..")
            {
                if (done.Count == 0)
                    throw new RefusedException($"'{Show(name)}' leads out of the root file system");
                done.RemoveAt(done.Count - 1);
                continue;
            }

            done.Add(piece);
            if (waiting.Count == 0 || !_entries.TryGetValue(string.Join('/', done), out var entry) || entry.Kind != RootKind.Link)
                continue;
            if (++links > MostLinks)
                throw new RefusedException($"'{Show(name)}' goes round in links");
            done.RemoveAt(done.Count - 1);
            if (entry.Target.StartsWith('/'))
                done.Clear();
            foreach (string further in Pieces(entry.Target).Reverse())
                waiting.Push(further);
        }

        return string.Join('/', done);
    }

    private static IEnumerable<string> Pieces(string name) => name.Split('/').Where(piece => piece is not ("" or "."));

    private static string Show(string name) =>
        new([.. name.Take(80).Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
