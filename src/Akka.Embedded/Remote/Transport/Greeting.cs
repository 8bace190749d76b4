// The first frames of a connection. The magic says that this is our protocol at all, the version that we mean the same by it: only then is
// anything else looked at. The addresses say whether the right two have met, the uids which lives of them.

using System.Buffers.Binary;
using System.Text;
using Akka.Actor;

namespace Akka.Remote.Transport;

/// <summary>Who speaks (address and uid) and, from the client, whom it means to reach.</summary>
internal sealed record Greeting(Address From, int Uid, Address To, long Acknowledged)
{
    internal const ushort Version = 1;
    private const int Magic = 0x4D454B41; // "AKEM"

    /// <summary>What became of reading a greeting.</summary>
    internal enum Outcome
    {
        Read,
        Rubbish,
        OtherVersion,
    }

    /// <summary>The whole frame, prefix included.</summary>
    internal byte[] Encode(FrameType type)
    {
        var from = Encoding.UTF8.GetBytes(From.ToString());
        var to = Encoding.UTF8.GetBytes(To.ToString());
        var frame = new byte[FrameDecoder.PrefixSize + 1 + 4 + 2 + 4 + 8 + 2 + from.Length + 2 + to.Length];
        var writer = new FrameWriter(frame);
        writer.Int32(frame.Length - FrameDecoder.PrefixSize);
        writer.Byte((byte)type);
        writer.Int32(Magic);
        writer.UInt16(Version);
        writer.Int32(Uid);
        writer.Int64(Acknowledged);
        writer.ShortBytes(from);
        writer.ShortBytes(to);
        return frame;
    }

    /// <summary>Reads what follows the frame's type.</summary>
    internal static Outcome TryDecode(ReadOnlySpan<byte> body, out Greeting greeting)
    {
        greeting = null;
        var reader = new FrameReader(body);
        if (reader.Int32() != Magic) return Outcome.Rubbish;
        var version = reader.UInt16();
        if (reader.Failed) return Outcome.Rubbish;
        if (version != Version) return Outcome.OtherVersion;
        var uid = reader.Int32();
        var acknowledged = reader.Int64();
        var from = reader.ShortText();
        var to = reader.ShortText();
        if (reader.Failed || reader.Left != 0 || acknowledged < 0) return Outcome.Rubbish;
        if (!ActorPath.TryParseAddress(from, out var sender) || !ActorPath.TryParseAddress(to, out var receiver)) return Outcome.Rubbish;
        if (sender.HasLocalScope || sender.Port is null) return Outcome.Rubbish;
        greeting = new Greeting(sender, uid, receiver, acknowledged);
        return Outcome.Read;
    }

    /// <summary>A frame of a type and one reason.</summary>
    internal static byte[] Parting(FrameType type, Reason reason)
    {
        var frame = new byte[FrameDecoder.PrefixSize + 2];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 2);
        frame[4] = (byte)type;
        frame[5] = (byte)reason;
        return frame;
    }
}
