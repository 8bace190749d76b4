// A configuration as written, before its substitutions are known: a value is a row of pieces that are joined in the end.

namespace Akka.Configuration.Hocon;

internal abstract record HoconPiece;

internal sealed record LiteralPiece(string Text, bool Quoted) : HoconPiece
{
    /// <summary>Only separates what stands to its left and right.</summary>
    internal bool IsBlank => !Quoted && string.IsNullOrWhiteSpace(Text);
}

internal sealed record ArrayPiece(List<HoconNode> Items) : HoconPiece;

internal sealed record ResolvedPiece(HoconValue Value) : HoconPiece;

internal sealed record SubstitutionPiece(string Path, bool Optional, (int Line, int Column) Place) : HoconPiece;

internal sealed record ObjectPiece(Dictionary<string, HoconNode> Fields) : HoconPiece
{
    internal static ObjectPiece New() => new(new Dictionary<string, HoconNode>(StringComparer.Ordinal));
}

/// <summary>One value. What a key said before is kept, as a later value may refer to its own earlier one.</summary>
internal sealed class HoconNode
{
    internal List<HoconPiece> Pieces { get; private set; } = [];
    internal HoconNode Previous { get; private set; }
    internal bool Resolving { get; set; }
    internal HoconValue Resolved { get; set; }

    internal bool CanBeObject => Pieces.Count > 0 && Pieces.TrueForAll(piece => piece is not ArrayPiece && piece is not LiteralPiece { IsBlank: false });

    /// <summary>The fields to write into when the key is opened as an object, once more or for the first time.</summary>
    internal Dictionary<string, HoconNode> OpenObject()
    {
        if (!CanBeObject) Replace([]);
        if (Pieces.Count == 0 || Pieces[^1] is not ObjectPiece last)
        {
            last = ObjectPiece.New();
            Pieces.Add(last);
        }

        return last.Fields;
    }

    internal void Assign(List<HoconPiece> pieces)
    {
        if (CanBeObject && pieces is [ObjectPiece added])
        {
            Merge(OpenObject(), added.Fields);
            return;
        }

        Replace(pieces);
    }

    private void Replace(List<HoconPiece> pieces)
    {
        if (Pieces.Count > 0) Previous = new HoconNode { Pieces = Pieces, Previous = Previous };
        Pieces = pieces;
    }

    private static void Merge(Dictionary<string, HoconNode> into, Dictionary<string, HoconNode> from)
    {
        foreach (var (key, node) in from)
        {
            if (into.TryGetValue(key, out var existing)) existing.Assign(node.Pieces);
            else into.Add(key, node);
        }
    }
}
