// Writes the few kinds of values that cluster messages are made of: numbers of variable length, texts, and addresses, each of which is
// written out once and then named by a number, for a gossip of many members repeats the same few addresses all over.

using System.Buffers.Binary;
using System.Text;
using Akka.Actor;

namespace Akka.Cluster.Serialization;

internal sealed class WireWriter
{
    private readonly Dictionary<UniqueAddress, int> _known = [];
    private byte[] _bytes = new byte[256];
    private int _length;

    internal byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    internal void Byte(byte value) => Reserve(1)[0] = value;

    /// <summary>Seven bits a byte, the lowest first.</summary>
    internal void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    internal void Count(int value) => Number((ulong)value);

    internal void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    internal void Text(string value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Count(size);
        Encoding.UTF8.GetBytes(value, Reserve(size));
    }

    internal void Address(Address address)
    {
        Text(address.Protocol);
        Text(address.System);
        Text(address.Host ?? "");
        Count(address.Port is { } port ? port + 1 : 0);
    }

    /// <summary>In full the first time, as the number of that time later on.</summary>
    internal void Node(UniqueAddress node)
    {
        if (_known.TryGetValue(node, out var index))
        {
            Count(index + 1);
            return;
        }

        _known.Add(node, _known.Count);
        Count(0);
        Address(node.Address);
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), node.Uid);
    }

    private Span<byte> Reserve(int size)
    {
        if (_length + size > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        _length += size;
        return _bytes.AsSpan(_length - size, size);
    }
}
