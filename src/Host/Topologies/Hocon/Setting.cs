// What a configuration says, without the types of whoever read it: the pure core's view of HOCON.

using System.Collections.Immutable;

namespace Lguest.Host.Topologies.Hocon;

/// <summary>One value of a configuration: a closed set.</summary>
internal abstract record Setting
{
    private Setting()
    {
    }

    /// <summary>A word, number or text; which of them, only the reader of a setting knows.</summary>
    internal sealed record Text(string Value) : Setting;

    /// <summary>A list.</summary>
    internal sealed record Items(ImmutableArray<Setting> Values) : Setting;

    /// <summary>Named settings, in the order in which they were first named.</summary>
    internal sealed record Section(ImmutableArray<(string Name, Setting Value)> Fields) : Setting
    {
        public static readonly Section Empty = new([]);

        /// <summary>The setting of a name, or null.</summary>
        public Setting? Find(string name)
        {
            foreach (var (known, value) in Fields)
                if (known == name)
                    return value;
            return null;
        }

        /// <summary>The section of a name; an empty one where there is none.</summary>
        public Section Child(string name) => Find(name) as Section ?? Empty;
    }
}
