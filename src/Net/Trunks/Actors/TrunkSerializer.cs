// What the Trunk actors of two nodes say to each other by remoting, as bytes. Whatever else arrives is refused here, before any actor sees
// it.

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Lguest.Net.Trunks.Actors;

/// <summary>
/// Wire format, little-endian, after a version u8 (1) and the number of the attempt i64: Ask (manifest "A") has nothing more, Offer ("O")
/// the port u16, two
/// tokens of 32 bytes, and the host in UTF-8. A later version may only append manifests.
/// </summary>
public sealed class TrunkSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const byte Version = 1;
    private const int LongestHost = 255;
    private const int AskBytes = 1 + sizeof(long);
    private const int HostAt = AskBytes + sizeof(ushort) + (2 * TrunkFormat.TokenBytes);
    private const string Ask = "A";
    private const string Offer = "O";

    /// <summary>The serializer's number on the wire; those up to 100 are Akka's.</summary>
    public override int Identifier => 6103;

    public override string Manifest(object o) => o switch
    {
        TrunkProtocol.Ask => Ask,
        TrunkProtocol.Offer => Offer,
        _ => throw new ArgumentException($"{o.GetType()} does not cross nodes", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        switch (obj)
        {
            case TrunkProtocol.Ask ask:
                return Begin(AskBytes, ask.Attempt);
            case TrunkProtocol.Offer offer:
                byte[] host = Encoding.UTF8.GetBytes(offer.Host);
                byte[] bytes = Begin(HostAt + host.Length, offer.Attempt);
                var rest = bytes.AsSpan(AskBytes);
                BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)offer.Port);
                offer.Call.CopyTo(rest[sizeof(ushort)..]);
                offer.Answer.CopyTo(rest[(sizeof(ushort) + TrunkFormat.TokenBytes)..]);
                host.CopyTo(bytes.AsSpan(HostAt));
                return bytes;
            default:
                throw new ArgumentException($"{obj.GetType()} does not cross nodes", nameof(obj));
        }
    }

    /// <exception cref="SerializationException">The bytes are not what the manifest says.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (bytes.Length < AskBytes || bytes[0] != Version)
            throw new SerializationException("not a message between trunks of this version");
        long attempt = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(1));
        var rest = bytes.AsSpan(AskBytes);
        switch (manifest)
        {
            case Ask when rest.IsEmpty:
                return new TrunkProtocol.Ask(attempt);
            case Offer when bytes.Length is > HostAt and <= HostAt + LongestHost
                && BinaryPrimitives.ReadUInt16LittleEndian(rest) is var port and > 0:
                var tokens = rest[sizeof(ushort)..];
                return new TrunkProtocol.Offer(
                    attempt,
                    Encoding.UTF8.GetString(bytes, HostAt, bytes.Length - HostAt),
                    port,
                    [.. tokens[..TrunkFormat.TokenBytes]],
                    [.. tokens[TrunkFormat.TokenBytes..(2 * TrunkFormat.TokenBytes)]]);
            default:
                throw new SerializationException("a malformed message between trunks");
        }
    }

    private static byte[] Begin(int length, long attempt)
    {
        byte[] bytes = new byte[length];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), attempt);
        return bytes;
    }
}
