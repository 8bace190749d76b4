// What two nodes say about a lan, as bytes: a version, the lan's name, a sequence number, and the frames as they lie in memory. Whatever else arrives is
// refused here, before any actor sees it.

using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans.Actors;

/// <summary>
/// Wire format, little-endian: version u8 (1), length of the name u8, name in UTF-8, sequence i64; PeerFrames (manifest "F") then has the records of
/// <see cref="FrameBatch"/>, PeerReceived (manifest "R") nothing more. A later version may only append manifests.
/// </summary>
public sealed class LanSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const byte Version = 1;
    private const int FixedBytes = 2 + sizeof(long);
    private const int LongestName = 255;
    private const string Frames = "F";
    private const string Received = "R";

    /// <summary>The serializer's number on the wire; those up to 100 are Akka's.</summary>
    public override int Identifier => 6101;

    public override string Manifest(object o) => o switch
    {
        LanProtocol.PeerFrames => Frames,
        LanProtocol.PeerReceived => Received,
        _ => throw new ArgumentException($"{o.GetType()} does not cross nodes", nameof(o)),
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        LanProtocol.PeerFrames message => Write(message.Lan, message.Sequence, message.Frames.Records),
        LanProtocol.PeerReceived message => Write(message.Lan, message.Sequence, []),
        _ => throw new ArgumentException($"{obj.GetType()} does not cross nodes", nameof(obj)),
    };

    /// <exception cref="SerializationException">The bytes are not what the manifest says.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (bytes.Length < FixedBytes || bytes[0] != Version)
            throw new SerializationException("not a message between lans of this version");
        var start = FixedBytes + bytes[1];
        if (bytes.Length < start)
            throw new SerializationException("a message between lans ends too early");
        var name = Encoding.UTF8.GetString(bytes, 2, bytes[1]);
        var sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(start - sizeof(long)));
        return manifest switch
        {
            Frames => new LanProtocol.PeerFrames(name, sequence, FrameBatch.Wrap(bytes, start, bytes.Length - start)
                ?? throw new SerializationException("frames between lans are malformed")),
            Received when bytes.Length == start => new LanProtocol.PeerReceived(name, sequence),
            _ => throw new SerializationException("an unknown kind of message between lans"),
        };
    }

    private static byte[] Write(string lan, long sequence, ReadOnlySpan<byte> records)
    {
        var name = Encoding.UTF8.GetByteCount(lan);
        if (name > LongestName)
            throw new ArgumentException("the name of a lan has at most 255 bytes", nameof(lan));
        var bytes = GC.AllocateUninitializedArray<byte>(FixedBytes + name + records.Length);
        bytes[0] = Version;
        bytes[1] = (byte)name;
        Encoding.UTF8.GetBytes(lan, bytes.AsSpan(2));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2 + name), sequence);
        records.CopyTo(bytes.AsSpan(FixedBytes + name));
        return bytes;
    }
}
