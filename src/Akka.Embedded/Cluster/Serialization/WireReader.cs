// Reads what WireWriter has written, or what somebody pretends to have written with it: every length is checked before anything is taken or
// allocated, and whatever does not fit ends in one kind of exception.

using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;

namespace Akka.Cluster.Serialization;

internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private const int LongestText = 1024;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<UniqueAddress> _known = [];
    private ReadOnlySpan<byte> _rest = bytes;

    internal byte Byte() => Take(1)[0];

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    internal ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            if (shift == 63 && part > 1) break;
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new SerializationException("a number of more than 64 bits");
    }

    /// <summary>A number of things that each take at least so many bytes: more than the rest can hold is no count.</summary>
    internal int Count(int smallest)
    {
        var count = Number();
        if (count > (ulong)(_rest.Length / smallest)) throw new SerializationException($"{count} elements in {_rest.Length} bytes");
        return (int)count;
    }

    internal int Int()
    {
        var value = Number();
        return value <= int.MaxValue ? (int)value : throw new SerializationException($"{value} is out of range");
    }

    internal string Text()
    {
        var size = Count(1);
        if (size > LongestText) throw new SerializationException($"a text of {size} bytes");
        try
        {
            return _strictUtf8.GetString(Take(size));
        }
        catch (DecoderFallbackException)
        {
            throw new SerializationException("a text that is not UTF-8");
        }
    }

    internal Address Address()
    {
        var protocol = Text();
        var system = Text();
        var host = Text();
        var port = Int();
        if (protocol.Length == 0 || system.Length == 0) throw new SerializationException("an address without protocol or system");
        if (port > 65536) throw new SerializationException($"port {port - 1}");
        return new Address(protocol, system, host.Length == 0 ? null : host, port == 0 ? null : port - 1);
    }

    internal UniqueAddress Node()
    {
        var index = Int();
        if (index > _known.Count) throw new SerializationException($"node {index} of {_known.Count}");
        if (index > 0) return _known[index - 1];
        var node = new UniqueAddress(Address(), BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
        _known.Add(node);
        return node;
    }

    internal readonly void End()
    {
        if (_rest.Length > 0) throw new SerializationException($"{_rest.Length} bytes too many");
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        if (size > _rest.Length) throw new SerializationException($"{size} bytes wanted, {_rest.Length} left");
        var taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }
}
