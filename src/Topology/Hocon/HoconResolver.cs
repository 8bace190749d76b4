// Works out what was written: which of several values counts, what is merged, what substitutions stand for.
//
// A reference means the last value of what it refers to, wherever that stands in the file; but within a value of that same setting it means
// what the setting was before (a = ${a} [x]). So values are looked at from the last one backwards, and only as far as they matter: one that
// is hidden by a later one may refer to nothing. Every setting remembers what it came to, and which of its values is being looked at, which
// is how a reference notices that it leads back. What a reference leads to is looked for below the place where its file was included, then
// in the whole, then in the environment.

using System.Collections.Immutable;
using System.Text;

namespace Lguest.Topology.Hocon;

/// <summary>Carries out substitutions.</summary>
internal sealed class HoconResolver
{
    private const int LongestChain = 256;
    private const int Deepest = 64;
    private const int Largest = 1 << 24;
    private const int SizeOfSetting = 16;

    private readonly HoconNode _root;
    private readonly IReadOnlyCollection<string> _paths;
    private readonly Func<string, string?> _environment;
    private readonly Stack<HoconNode> _current = [];
    private WrittenPiece.Reference? _reference;
    private long _joined;
    private int _depth;

    private HoconResolver(string file, WrittenSection root, IReadOnlyCollection<string> paths, Func<string, string?> environment)
    {
        var place = new Place(file, 1, 1);
        _root = new HoconNode([new HoconNode.Layer(place, WrittenValue.Of(place, new WrittenPiece.Section(place, root)), null)]);
        _paths = paths;
        _environment = environment;
    }

    /// <summary>Works out a file.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="root">What is written in it.</param>
    /// <param name="paths">The paths that are, for suggestions.</param>
    /// <param name="environment">The environment variable of a name; null if it is not set.</param>
    /// <exception cref="MisconfiguredException">A substitution stands for nothing, for itself, or for too much.</exception>
    public static Setting.Section Resolve(
        string file, WrittenSection root, IReadOnlyCollection<string> paths, Func<string, string?> environment)
    {
        var resolver = new HoconResolver(file, root, paths, environment);
        return resolver.Finish(resolver._root).Setting as Setting.Section ?? Setting.Section.Empty;
    }

    /// <summary>What a setting comes to; while one of its values is being worked out, what the values before that do.</summary>
    private HoconMeaning? MeaningOf(HoconNode node)
    {
        if (node.Current < 0)
            return MeaningOf(node, node.Layers.Count);
        return _current.Peek() == node
            ? MeaningOf(node, node.Current)
            : throw new MisconfiguredException(_reference?.Place ?? node.Layers[^1].Key,
                $"{_reference} refers back to itself through other settings; remove one of them");
    }

    private HoconMeaning? MeaningOf(HoconNode node, int count)
    {
        if (node.Known.TryGetValue(count, out var known))
            return known;
        if (_current.Count >= LongestChain)
            throw new MisconfiguredException(_reference?.Place ?? node.Layers[^1].Key,
                $"more than {LongestChain} settings refer to one another here; refer to the value itself");
        var sections = new List<HoconMeaning.Section>();
        HoconMeaning? hiding = null;
        int outer = node.Current;
        _current.Push(node);
        for (int layer = count - 1; layer >= 0 && hiding is null; layer--)
        {
            node.Current = layer;
            var meaning = node.Layers[layer] is { Written: { } written }
                ? MeaningOf(written)
                : Foreign(MeaningOf(node.Layers[layer].Other!), null);
            if (meaning is HoconMeaning.Section section)
                sections.Add(section);
            else
                hiding = meaning;
        }

        _current.Pop();
        node.Current = outer;
        sections.Reverse();
        return node.Known[count] = sections.Count > 0 ? Merge(sections) : hiding;
    }

    /// <summary>The pieces of a value joined; null if all of them are optional references to nothing.</summary>
    private HoconMeaning? MeaningOf(WrittenValue value)
    {
        HoconMeaning? joined = null;
        string blanks = "";
        foreach (var piece in value.Pieces)
        {
            if (piece is WrittenPiece.Text { IsBlank: true } blank)
            {
                blanks += blank.Value;
                continue;
            }

            var next = MeaningOf(piece, value);
            if (next is null)
                continue;
            joined = joined is null ? next : Join(joined, blanks, next, piece);
            blanks = "";
        }

        return joined is null ? null : joined with { Place = value.Place };
    }

    private HoconMeaning? MeaningOf(WrittenPiece piece, WrittenValue value)
    {
        switch (piece)
        {
            case WrittenPiece.Text text:
                return new HoconMeaning.Text(text.Place, text.Value, text.Place.File, IsNull: !text.IsQuoted && text.Value == "null");
            case WrittenPiece.Items items:
                return new HoconMeaning.Items(items.Place,
                    [.. items.Values.Select(item => new HoconNode([new HoconNode.Layer(item.Place, item, null)]))]);
            case WrittenPiece.Section section:
                var fields = new OrderedDictionary<string, (HoconNode, bool)>(StringComparer.Ordinal);
                foreach (var (name, values) in section.Fields.Fields)
                    fields.Add(name, (new HoconNode([.. values.Select(each => new HoconNode.Layer(each.Key, each, null))]), false));
                return new HoconMeaning.Section(section.Place, fields);
            case WrittenPiece.Reference reference:
                return Foreign(Find(reference), value.Place);
            case WrittenPiece.Earlier:
                return Foreign(MeaningOf(_current.Peek()), value.Place);
            default:
                throw new InvalidOperationException($"{piece} is none of the pieces");
        }
    }

    private static HoconMeaning? Foreign(HoconMeaning? meaning, Place? place) =>
        meaning is HoconMeaning.Section section ? section with { IsForeign = true, Place = place ?? section.Place } : meaning;

    private HoconMeaning Join(HoconMeaning left, string blanks, HoconMeaning right, WrittenPiece piece)
    {
        switch (left, right)
        {
            case (HoconMeaning.Text a, HoconMeaning.Text b):
                Charge(a.Value.Length + blanks.Length + b.Value.Length, piece.Place);
                return a with { Value = a.Value + blanks + b.Value, IsNull = false };
            case (HoconMeaning.Items a, HoconMeaning.Items b):
                Charge((a.Values.Length + b.Values.Length) * SizeOfSetting, piece.Place);
                return a with { Values = a.Values.AddRange(b.Values) };
            case (HoconMeaning.Section a, HoconMeaning.Section b):
                return Merge([a, b]);
            default:
                string what = piece is WrittenPiece.Reference ? $"{piece}, which stands for {right.Kind}," : right.Kind;
                throw new MisconfiguredException(piece.Place,
                    $"{what} cannot follow {left.Kind} in one value; a comma or a new line is missing before it");
        }
    }

    private HoconMeaning.Section Merge(IReadOnlyList<HoconMeaning.Section> sections)
    {
        if (sections.Count == 1)
            return sections[0];
        Charge(sections.Sum(section => section.Fields.Count) * (long)SizeOfSetting, sections[^1].Place);
        return HoconMeaning.Section.Merge(sections);
    }

    /// <summary>What is joined is made anew, and a few lines can ask for that very often.</summary>
    private void Charge(long size, Place place)
    {
        _joined += size;
        if (_joined > Largest)
            throw TooLarge(place);
    }

    /// <summary>What a reference leads to; null if it is an optional one and leads to nothing.</summary>
    private HoconMeaning? Find(WrittenPiece.Reference reference)
    {
        var outer = _reference;
        _reference = reference;
        var found = (reference.Within.IsEmpty ? null : Look(reference.Within.AddRange(reference.Path))) ?? Look(reference.Path);
        _reference = outer;
        if (found is not null)
            return found;
        if (_environment(string.Join('.', reference.Path)) is { } value)
            return new HoconMeaning.Text(reference.Place, value, reference.Place.File, IsNull: false);
        return reference.IsOptional ? null : throw Missing(reference);
    }

    private MisconfiguredException Missing(WrittenPiece.Reference reference)
    {
        string path = HoconPath.Show(reference.Path);
        string where = _paths.Contains(path) ? "before this one" : "in the file";
        string advice = Suggestion.Nearest(path, _paths.Where(known => known != path)) is { } near
            ? $"did you mean ${{{near}}}?"
            : "write it, or ${?...} if it may be missing";
        return new MisconfiguredException(
            reference.Place, $"{reference} is neither a setting {where} nor an environment variable; {advice}");
    }

    private HoconMeaning? Look(ImmutableArray<string> path)
    {
        var node = _root;
        foreach (string name in path)
        {
            if (MeaningOf(node) is not HoconMeaning.Section section || !section.Fields.TryGetValue(name, out var field))
                return null;
            node = field.Node;
        }

        return MeaningOf(node);
    }

    /// <summary>Puts a setting together with all that is in it.</summary>
    private HoconResult Finish(HoconNode node)
    {
        if (node.Result is { } known)
            return known;
        var key = node.Layers[^1].Key;
        if (node.IsOpen)
            throw new MisconfiguredException(key, "this setting contains itself through its substitutions; remove one of them");
        if (++_depth > Deepest)
            throw TooDeep(key);
        node.IsOpen = true;
        var meaning = MeaningOf(node);
        var place = meaning?.Place ?? key;
        var result = meaning switch
        {
            HoconMeaning.Text { IsNull: false } text =>
                new HoconResult(new Setting.Text(text.Value) { File = text.File }, key, place, text.Value.Length + SizeOfSetting, 1),
            HoconMeaning.Items items => FinishItems(items, key),
            HoconMeaning.Section section => FinishSection(section, key),
            _ => new HoconResult(null, key, place, 0, 0),
        };
        if (result.Size > Largest)
            throw TooLarge(place);
        if (result.Height > Deepest)
            throw TooDeep(key);
        _depth--;
        node.IsOpen = false;
        return node.Result = result;
    }

    private HoconResult FinishItems(HoconMeaning.Items items, Place key)
    {
        var values = ImmutableArray.CreateBuilder<Setting>();
        var places = ImmutableArray.CreateBuilder<Place>();
        var (size, height) = ((long)SizeOfSetting, 0);
        Charge(items.Values.Length * SizeOfSetting, items.Place);
        foreach (var item in items.Values)
        {
            var result = Finish(item);
            if (MeaningOf(item) is HoconMeaning.Text { IsNull: true })
                throw new MisconfiguredException(result.Place, "null cannot be an item of a list; remove it, or put it in quotes");
            if (result.Setting is not { } value)
                continue;
            values.Add(value);
            places.Add(result.Place);
            (size, height) = (size + result.Size, Math.Max(height, result.Height));
        }

        var list = new Setting.Items(values.ToImmutable()) { Places = places.ToImmutable() };
        return new HoconResult(list, key, items.Place, size, height + 1);
    }

    private HoconResult FinishSection(HoconMeaning.Section section, Place key)
    {
        var fields = ImmutableArray.CreateBuilder<Setting.Field>();
        var (size, height) = ((long)SizeOfSetting, 0);
        Charge(section.Fields.Count * SizeOfSetting, section.Place);
        foreach (var (name, (node, _)) in section.Fields)
        {
            var result = Finish(node);
            if (result.Setting is not { } value)
                continue;
            fields.Add(new Setting.Field(name, value) { Key = result.Key, Place = result.Place });
            (size, height) = (size + result.Size, Math.Max(height, result.Height));
        }

        return new HoconResult(new Setting.Section(fields.ToImmutable()), key, section.Place, size, height + 1);
    }

    private static MisconfiguredException TooLarge(Place place) =>
        new(place, "the substitutions here stand for more text than a configuration may have; refer to less");

    private static MisconfiguredException TooDeep(Place place) =>
        new(place, $"substitutions nest settings more than {Deepest} deep; nest them less");
}
