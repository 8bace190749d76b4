// Joins the pieces of every value and puts in what substitutions refer to.

namespace Akka.Configuration.Hocon;

internal sealed class HoconResolver(ObjectPiece root)
{
    /// <summary>Substitutions can double a value at each step; this many texts and items in one value are far beyond any use.</summary>
    private const int LargestValue = 1 << 20;

    private int _depth;

    internal HoconValue Resolve() => Resolve(root);

    private HoconValue Resolve(ObjectPiece piece)
    {
        var fields = new Dictionary<string, HoconValue>(StringComparer.Ordinal);
        foreach (var (key, node) in piece.Fields)
            if (Resolve(node) is { } value) fields.Add(key, value);
        return HoconValue.Of(fields);
    }

    // Null when all the value's pieces are optional substitutions of nothing.
    private HoconValue Resolve(HoconNode node)
    {
        if (node.Resolved is not null) return node.Resolved;
        // Substitutions nest values without any braces.
        if (++_depth > 2 * Parser.DeepestNesting) throw new FormatException($"substitutions nest values more than {2 * Parser.DeepestNesting} deep");
        node.Resolving = true;
        HoconValue result = null;
        foreach (var piece in node.Pieces)
        {
            var next = piece switch
            {
                LiteralPiece literal => HoconValue.Of(literal.Text, literal.Quoted),
                ObjectPiece fields => Resolve(fields),
                ArrayPiece array => HoconValue.Of(array.Items.Select(Resolve).Where(item => item is not null).ToList()),
                ResolvedPiece resolved => resolved.Value,
                SubstitutionPiece substitution => Resolve(substitution),
                _ => throw new InvalidOperationException($"Unknown piece {piece}."),
            };
            // Blanks beside objects and arrays only separate them.
            if (next is null || (piece is LiteralPiece { Quoted: false } && result is { IsText: false } && string.IsNullOrWhiteSpace(next.GetRawText()))) continue;
            result = result is null ? next : result.Join(next);
            if (result.Size > LargestValue) throw new FormatException($"substitutions make a value of more than {LargestValue} characters or items");
        }

        _depth--;
        node.Resolving = false;
        node.Resolved = result?.Trimmed();
        return node.Resolved;
    }

    private HoconValue Resolve(SubstitutionPiece substitution)
    {
        var target = Find(HoconPath.Split(substitution.Path));
        // A value that refers to itself means what its key said before.
        while (target is { Resolving: true }) target = target.Previous;
        var value = target is null ? FindInside(substitution.Path) : Resolve(target);
        if (value is not null || substitution.Optional) return value;
        throw HoconReader.Error($"unresolved substitution: {substitution.Path}", substitution.Place);
    }

    private HoconNode Find(IReadOnlyList<string> path)
    {
        var fields = root.Fields;
        HoconNode node = null;
        for (var i = 0; i < path.Count; i++)
        {
            if (fields is null || !fields.TryGetValue(path[i], out node)) return null;
            fields = node.Pieces is [ObjectPiece only] ? only.Fields : null;
        }

        return node;
    }

    // The path may lead through a value that itself is put together from several: resolve as far as the tree goes, then look inside.
    private HoconValue FindInside(string path)
    {
        var names = HoconPath.Split(path);
        var fields = root.Fields;
        for (var i = 0; i < names.Count; i++)
        {
            if (!fields.TryGetValue(names[i], out var node)) return null;
            if (node.Pieces is [ObjectPiece only])
            {
                fields = only.Fields;
                continue;
            }

            if (node.Resolving) return FindInPieces(node, names, i + 1);
            return Descend(Resolve(node), names, i + 1);
        }

        return null;
    }

    // Whoever refers into a section that is being put together just now, as one that includes and adds, means the last piece that says something.
    private HoconValue FindInPieces(HoconNode node, IReadOnlyList<string> names, int from)
    {
        for (var i = node.Pieces.Count - 1; i >= 0; i--)
        {
            var found = node.Pieces[i] switch
            {
                ResolvedPiece resolved => Descend(resolved.Value, names, from),
                ObjectPiece piece when from < names.Count && piece.Fields.TryGetValue(names[from], out var child) =>
                    child.Resolving ? FindInPieces(child, names, from + 1) : Descend(Resolve(child), names, from + 1),
                _ => null,
            };
            if (found is not null) return found;
        }

        return null;
    }

    private static HoconValue Descend(HoconValue value, IReadOnlyList<string> names, int from)
    {
        for (var i = from; i < names.Count && value is not null; i++) value = value.GetChildObject(names[i]);
        return value;
    }
}
