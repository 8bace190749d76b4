// What two nodes say about a lan, as bytes: a version, the lan's name, the stream and how far it is, and the frames as they lie in memory.
// Whatever else arrives is refused here, before any actor sees it.

using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Lguest.Net.Frames;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Lans.Actors;

/// <summary>
/// Wire format, little-endian: version u8 (1), length of the name u8, name in UTF-8, stream i32, sequence i64; PeerFrames (manifest "F",
/// or "A" if it
/// asks for an acknowledgement) then has the records of <see cref="FrameBatch"/>, PeerReceived ("R") nothing more. A later version may
/// only append manifests.
/// </summary>
public sealed class LanSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system), IBulkSerializer
{
    private const byte Version = 1;
    private const int FixedBytes = 2 + sizeof(int) + sizeof(long);
    private const int LongestName = 255;
    private const string Frames = "F";
    private const string AskingFrames = "A";
    private const string Received = "R";

    /// <summary>The serializer's number on the wire; those up to 100 are Akka's.</summary>
    public override int Identifier => 6101;

    public override string Manifest(object o) => o switch
    {
        LanProtocol.PeerFrames frames => frames.Asks ? AskingFrames : Frames,
        LanProtocol.PeerReceived => Received,
        _ => throw NotBetweenNodes(o),
    };

    public override byte[] ToBinary(object obj)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(((IBulkSerializer)this).SizeOf(obj));
        ((IBulkSerializer)this).Write(obj, bytes);
        return bytes;
    }

    /// <exception cref="SerializationException">The bytes are not what the manifest says.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, bytes.Length, manifest, isPooled: false);

    bool IBulkSerializer.Serializes(object message) => message is LanProtocol.IBetweenNodes;

    int IBulkSerializer.SizeOf(object message) => message switch
    {
        LanProtocol.PeerFrames frames => FixedBytes + NameBytes(frames.Lan) + frames.Frames.RecordBytes,
        LanProtocol.PeerReceived received => FixedBytes + NameBytes(received.Lan),
        _ => throw NotBetweenNodes(message),
    };

    void IBulkSerializer.Write(object message, Span<byte> into)
    {
        switch (message)
        {
            case LanProtocol.PeerFrames frames:
                frames.Frames.Records.CopyTo(Begin(into, frames.Lan, frames.Stream, frames.Sequence));
                break;
            case LanProtocol.PeerReceived received:
                Begin(into, received.Lan, received.Stream, received.Sequence);
                break;
            default:
                throw NotBetweenNodes(message);
        }
    }

    object IBulkSerializer.Read(byte[] pooled, int length, string manifest, out bool isKept)
    {
        isKept = false;
        object message = Read(pooled, length, manifest, isPooled: true);
        isKept = message is LanProtocol.PeerFrames;
        return message;
    }

    private static object Read(byte[] bytes, int length, string manifest, bool isPooled)
    {
        if (length < FixedBytes || bytes[0] != Version)
            throw new SerializationException("not a message between lans of this version");
        int start = FixedBytes + bytes[1];
        if (length < start)
            throw new SerializationException("a message between lans ends too early");
        string name = Encoding.UTF8.GetString(bytes, 2, bytes[1]);
        int stream = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(2 + bytes[1]));
        long sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(start - sizeof(long)));
        return manifest switch
        {
            Frames or AskingFrames when FrameBatch.Wrap(bytes, start, length - start, isPooled) is { } frames =>
                new LanProtocol.PeerFrames(name, sequence, frames) { Stream = stream, Asks = manifest == AskingFrames },
            Received when length == start => new LanProtocol.PeerReceived(name, sequence) { Stream = stream },
            _ => throw new SerializationException("a message between lans is malformed, or of an unknown kind"),
        };
    }

    private static Span<byte> Begin(Span<byte> into, string lan, int stream, long sequence)
    {
        into[0] = Version;
        int name = Encoding.UTF8.GetBytes(lan, into[2..]);
        into[1] = (byte)name;
        BinaryPrimitives.WriteInt32LittleEndian(into[(2 + name)..], stream);
        BinaryPrimitives.WriteInt64LittleEndian(into[(2 + name + sizeof(int))..], sequence);
        return into[(FixedBytes + name)..];
    }

    private static int NameBytes(string lan) => Encoding.UTF8.GetByteCount(lan) is var bytes and <= LongestName
        ? bytes
        : throw new ArgumentException("the name of a lan has at most 255 bytes", nameof(lan));

    private static ArgumentException NotBetweenNodes(object message) => new($"{message.GetType()} does not cross nodes", nameof(message));
}
