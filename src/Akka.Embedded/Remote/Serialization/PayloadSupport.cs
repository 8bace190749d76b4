// A message inside a message: the inner one goes through its own serializer, and travels with its number and manifest.

using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Remote.Transport;

namespace Akka.Remote.Serialization;

internal static class PayloadSupport
{
    private const int Deepest = 16;

    [ThreadStatic]
    private static int _depth;

    /// <summary>Serializer number, manifest, length and bytes.</summary>
    internal static void Write(ExtendedActorSystem system, BinaryWriter writer, object payload)
    {
        var serializer = system.Serialization.FindSerializerFor(payload);
        var bytes = serializer.ToBinary(payload);
        writer.Write(serializer.Identifier);
        WriteText(writer, Akka.Serialization.Serialization.ManifestFor(serializer, payload));
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    internal static object Read(ExtendedActorSystem system, ref FrameReader reader)
    {
        var id = reader.Int32();
        var manifest = reader.ShortText();
        var payload = reader.Bytes(reader.Int32());
        Check(reader);
        // A peer may put messages into messages; without end, they would have the stack, and a copy of all the rest at each step.
        if (_depth >= Deepest) throw new SerializationException($"Messages within messages, more than {Deepest} deep.");
        _depth++;
        try
        {
            return system.Serialization.DeserializeFromPeer(payload.ToArray(), id, manifest);
        }
        finally
        {
            _depth--;
        }
    }

    internal static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(checked((ushort)bytes.Length));
        writer.Write(bytes);
    }

    internal static void WriteReference(BinaryWriter writer, IActorRef reference) =>
        WriteText(writer, Akka.Serialization.Serialization.SerializedActorPath(reference));

    /// <summary>Null for nobody.</summary>
    internal static IActorRef ReadReference(ExtendedActorSystem system, ref FrameReader reader) => reader.ShortText() switch
    {
        "" => null,
        var path => system.Provider.ResolveActorRef(path),
    };

    /// <summary>Throws when something was missing.</summary>
    internal static void Check(in FrameReader reader)
    {
        if (reader.Failed) throw new SerializationException("The bytes of the message are cut short.");
    }

    internal static byte[] Build(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
