// The value of a key as written: one or more pieces side by side. Its result is known only after substitution.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>A value before substitution.</summary>
/// <param name="Key">Where the key stands; for an item of a list and for a whole file where it begins.</param>
/// <param name="Place">Where the value begins.</param>
/// <param name="Pieces">At least one.</param>
internal sealed record WrittenValue(Place Key, Place Place, ImmutableArray<WrittenPiece> Pieces)
{
    /// <summary>A value of a single piece.</summary>
    public static WrittenValue Of(Place key, WrittenPiece piece) => new(key, piece.Place, [piece]);
}
