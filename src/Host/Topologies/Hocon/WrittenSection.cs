// The fields of a section as they were written. A name may have been written more than once: which of its values counts, or whether they
// are merged, is known only when substitutions are, so that all of them are kept, in order.

namespace Lguest.Host.Topologies.Hocon;

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
