// The fields of an object, in the order in which they were first named.

namespace Akka.Configuration.Hocon;

public class HoconObject
{
    internal HoconObject(Dictionary<string, HoconValue> items) => Items = items;

    public Dictionary<string, HoconValue> Items { get; }
    public IDictionary<string, object> Unwrapped =>
        Items.ToDictionary(item => item.Key, item => item.Value.IsObject() ? item.Value.GetObject().Unwrapped : (object)item.Value);

    public HoconValue GetKey(string key) => Items.GetValueOrDefault(key);
}
