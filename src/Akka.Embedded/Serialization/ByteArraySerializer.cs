// Bytes are bytes. They need no encoding, but they do need a serializer with a number.

using Akka.Actor;

namespace Akka.Serialization;

public class ByteArraySerializer : Serializer
{
    public ByteArraySerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => obj switch
    {
        null => null,
        byte[] bytes => bytes,
        _ => throw new NotSupportedException("The object to convert is not a byte array"),
    };

    public override object FromBinary(byte[] bytes, Type type) => bytes;
}
