// The fields of a section as written. A name may occur more than once; which value counts, or whether they are merged, is known only after
// substitution, so all are kept in order.

namespace Lguest.Topology.Hocon;

/// <summary>Fields by name, in the order in which they were first named.</summary>
internal sealed class WrittenSection
{
    private readonly OrderedDictionary<string, List<WrittenValue>> _fields = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, List<WrittenValue>>> Fields => _fields;

    /// <summary>A name was given a value.</summary>
    public void Add(string name, WrittenValue value)
    {
        if (!_fields.TryGetValue(name, out var values))
            _fields.Add(name, values = []);
        values.Add(value);
    }
}
