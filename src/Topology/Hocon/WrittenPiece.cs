// The pieces of a value: a text, a list, a section in braces, a reference to another value or to the earlier one.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>A piece of a value: a closed set.</summary>
/// <param name="Place">Where it begins.</param>
internal abstract record WrittenPiece(Place Place)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>A text with or without quotes; blanks between two pieces are a text, too.</summary>
    /// <param name="Place">Where it begins.</param>
    /// <param name="Value">The text, escapes carried out.</param>
    /// <param name="IsQuoted">Whether it was in quotes.</param>
    internal sealed record Text(Place Place, string Value, bool IsQuoted) : WrittenPiece(Place)
    {
        public override string Kind => "a text";

        /// <summary>Whether it only separates its neighbours.</summary>
        public bool IsBlank => !IsQuoted && string.IsNullOrWhiteSpace(Value);
    }

    /// <summary><c>[...]</c></summary>
    internal sealed record Items(Place Place, ImmutableArray<WrittenValue> Values) : WrittenPiece(Place)
    {
        public override string Kind => "a list";
    }

    /// <summary><c>{...}</c></summary>
    internal sealed record Section(Place Place, WrittenSection Fields) : WrittenPiece(Place)
    {
        public override string Kind => "a section";
    }

    /// <summary><c>${path}</c> or <c>${?path}</c></summary>
    /// <param name="Place">Where it begins.</param>
    /// <param name="Path">The names of the path.</param>
    /// <param name="IsOptional">Whether it may refer to nothing.</param>
    /// <param name="Within">Where its file was included; what it refers to is looked for there first. Empty for the outermost file.</param>
    internal sealed record Reference(Place Place, ImmutableArray<string> Path, bool IsOptional, ImmutableArray<string> Within)
        : WrittenPiece(Place)
    {
        public override string Kind => "a reference";

        public override string ToString() => $"${{{(IsOptional ? "?" : "")}{HoconPath.Show(Path)}}}";
    }

    /// <summary>What the setting was before this value; nothing if it had none. It is what <c>+=</c> appends to.</summary>
    internal sealed record Earlier(Place Place) : WrittenPiece(Place)
    {
        public override string Kind => "the earlier value";
    }
}
