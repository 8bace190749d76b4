// Texts and numbers cross the wire as they are, without the detour over JSON.

using System.Buffers.Binary;
using System.Text;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Remote.Serialization;

public sealed class PrimitiveSerializers(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Text = "S";
    private const string Int32 = "I";
    private const string Int64 = "L";

    public override string Manifest(object o) => o switch
    {
        string => Text,
        int => Int32,
        long => Int64,
        _ => throw new ArgumentException($"Cannot serialize object of type [{o.GetType()}]", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        switch (obj)
        {
            case string text:
                return Encoding.UTF8.GetBytes(text);
            case int number:
                var four = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(four, number);
                return four;
            case long number:
                var eight = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(eight, number);
                return eight;
            default:
                throw new ArgumentException($"Cannot serialize object of type [{obj.GetType()}]", nameof(obj));
        }
    }

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        Text => Encoding.UTF8.GetString(bytes),
        Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        // What local round trips name the type by.
        _ when manifest.StartsWith("System.String", StringComparison.Ordinal) => Encoding.UTF8.GetString(bytes),
        _ when manifest.StartsWith("System.Int32", StringComparison.Ordinal) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        _ when manifest.StartsWith("System.Int64", StringComparison.Ordinal) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => throw new System.Runtime.Serialization.SerializationException($"Unimplemented deserialization of message with manifest [{manifest}]"),
    };
}
