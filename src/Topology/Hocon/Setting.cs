// A configuration without the types of its parser: how the pure core sees HOCON.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>One value of a configuration: a closed set.</summary>
internal abstract record Setting
{
    private Setting()
    {
    }

    /// <summary>A word, number or text; which of them, only the reader of a setting knows.</summary>
    internal sealed record Text(string Value) : Setting
    {
        /// <summary>The file in which it is written, whose folder relative paths start at; null for a default.</summary>
        public string? File { get; init; }
    }

    /// <summary>A list.</summary>
    internal sealed record Items(ImmutableArray<Setting> Values) : Setting
    {
        /// <summary>Where the items stand; empty for a default.</summary>
        public ImmutableArray<Place> Places { get; init; } = [];
    }

    /// <summary>Named settings, in the order in which they were first named.</summary>
    internal sealed record Section(ImmutableArray<Field> Fields) : Setting
    {
        public static readonly Section Empty = new([]);

        private Dictionary<string, Field>? _byName;

        /// <summary>The setting of a name, or null.</summary>
        public Setting? Find(string name) => FieldOf(name)?.Value;

        /// <summary>The section of a name; an empty one where there is none.</summary>
        public Section Child(string name) => Find(name) as Section ?? Empty;

        /// <summary>The field of a name, or null.</summary>
        public Field? FieldOf(string name) =>
            (_byName ??= Fields.ToDictionary(field => field.Name, StringComparer.Ordinal)).TryGetValue(name, out var field) ? field : null;
    }

    /// <summary>A named setting of a section.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Value">Its value.</param>
    internal readonly record struct Field(string Name, Setting Value)
    {
        /// <summary>Where the key stands; nowhere for a default.</summary>
        public Place Key { get; init; }

        /// <summary>Where the value begins; nowhere for a default.</summary>
        public Place Place { get; init; }
    }
}
