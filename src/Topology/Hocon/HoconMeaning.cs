// The value of a setting, one level deep. The fields of a section and the items of a list are evaluated only when they are asked for, so a
// section can refer to its own fields.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>What a value comes to: a closed set.</summary>
/// <param name="Place">Where the value that counts begins.</param>
internal abstract record HoconMeaning(Place Place)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>A text.</summary>
    /// <param name="Place">Where the value begins.</param>
    /// <param name="Value">The text.</param>
    /// <param name="File">The file in which the beginning of the text is written, which relative paths start at.</param>
    /// <param name="IsNull">Whether it is HOCON's null.</param>
    internal sealed record Text(Place Place, string Value, string File, bool IsNull) : HoconMeaning(Place)
    {
        public override string Kind => "a text";
    }

    /// <summary>A list.</summary>
    internal sealed record Items(Place Place, ImmutableArray<HoconNode> Values) : HoconMeaning(Place)
    {
        public override string Kind => "a list";
    }

    /// <summary>A section. Foreign fields came by way of a reference: what they refer to in turn is not this setting's own earlier
    /// value.</summary>
    internal sealed record Section(Place Place, OrderedDictionary<string, (HoconNode Node, bool IsForeign)> Fields,
        bool IsForeign = false) : HoconMeaning(Place)
    {
        public override string Kind => "a section";

        /// <summary>Sections laid over one another, the one that wins last.</summary>
        public static Section Merge(IReadOnlyList<Section> sections)
        {
            if (sections.Count == 1)
                return sections[0];
            var fields = new OrderedDictionary<string, List<(HoconNode Node, bool IsForeign)>>(StringComparer.Ordinal);
            foreach (var section in sections)
            {
                foreach (var (name, (node, isForeign)) in section.Fields)
                {
                    if (!fields.TryGetValue(name, out var all))
                        fields.Add(name, all = []);
                    all.Add((node, isForeign || section.IsForeign));
                }
            }

            var merged = new OrderedDictionary<string, (HoconNode, bool)>(fields.Count, StringComparer.Ordinal);
            foreach (var (name, all) in fields)
                merged.Add(name, all.Count == 1 ? all[0] : (new HoconNode([.. all.SelectMany(Layers)]), false));
            return new Section(sections[^1].Place, merged);
        }

        private static IEnumerable<HoconNode.Layer> Layers((HoconNode Node, bool IsForeign) field) =>
            field.IsForeign ? [new HoconNode.Layer(field.Node.Layers[^1].Key, null, field.Node)] : field.Node.Layers;
    }
}
