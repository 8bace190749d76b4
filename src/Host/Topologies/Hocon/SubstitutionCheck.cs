// Substitutions are the one part of HOCON in which a few lines can say something enormous, or something that is nowhere. Both are seen here, before a reader
// carries them out.

namespace Lguest.Host.Topologies.Hocon;

/// <summary>Collects who refers to what while a file is scanned, and judges it at the end.</summary>
internal sealed class SubstitutionCheck(PlaceMap places)
{
    private const long Largest = 1 << 20;

    private readonly List<(string At, string Target, bool Optional, Place Place)> _asked = [];
    private readonly List<(string Path, long Length, IReadOnlyList<string> Referred)> _written = [];
    private readonly Dictionary<string, long> _sizes = [];
    private readonly HashSet<string> _open = [];

    /// <summary>A <c>${target}</c> stands in the value at a path.</summary>
    public void Asked(string at, string target, bool optional, Place place) => _asked.Add((at, target, optional, place));

    /// <summary>A value was written: so much text, and these references.</summary>
    public void Wrote(string path, long length, IReadOnlyList<string> referred) => _written.Add((path, length, referred));

    /// <exception cref="MisconfiguredException">A reference leads nowhere, or the text it stands for is too large.</exception>
    public void Check()
    {
        foreach (var (_, target, optional, place) in _asked)
        {
            if (!optional && !Exists(target))
            {
                var known = places.Paths.Select(path => path.Replace('/', '.')).ToList();
                throw new MisconfiguredException(place, $"${{{target.Replace('/', '.')}}} refers to a setting that is not in the file{Suggested(target, known)}");
            }
        }

        foreach (var (at, target, _, place) in _asked)
        {
            if (Size(target) > Largest || Size(at) > Largest)
                throw new MisconfiguredException(place, $"${{{target.Replace('/', '.')}}} stands for more text than a configuration may have; refer to less");
        }
    }

    private static string Suggested(string target, List<string> known) =>
        Suggestion.Nearest(target.Replace('/', '.'), known) is { } near ? $"; did you mean ${{{near}}}?" : "; write it, or ${?...} if it may be missing";

    /// <summary>It was written itself, or lies in something that is put together from elsewhere.</summary>
    private bool Exists(string target)
    {
        if (places.Contains(target))
            return true;
        for (var cut = target.LastIndexOf('/'); cut > 0; cut = target.LastIndexOf('/', cut - 1))
        {
            var outer = target[..cut];
            if (_asked.Any(asked => asked.At == outer))
                return true;
        }

        return false;
    }

    private long Size(string path)
    {
        if (_sizes.TryGetValue(path, out var known))
            return known;
        if (!_open.Add(path))
            return 0;
        long sum = 0;
        foreach (var (at, length, referred) in _written)
        {
            if (at != path && !at.StartsWith(path + "/", StringComparison.Ordinal))
                continue;
            var here = length;
            foreach (var target in referred)
                here = Math.Min(Largest * 2, here + (target == path ? sum : Size(target)));
            sum = Math.Min(Largest * 2, sum + here);
        }

        _open.Remove(path);
        return _sizes[path] = sum;
    }
}
