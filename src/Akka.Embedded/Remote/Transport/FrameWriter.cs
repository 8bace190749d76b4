// Writes the fields of one frame into memory that was measured before.

using System.Buffers.Binary;

namespace Akka.Remote.Transport;

/// <summary>The counterpart of <see cref="FrameReader"/>.</summary>
internal ref struct FrameWriter(Span<byte> target)
{
    private Span<byte> _rest = target;

    internal void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    internal void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_rest, value);
        _rest = _rest[2..];
    }

    internal void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_rest, value);
        _rest = _rest[4..];
    }

    internal void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_rest, value);
        _rest = _rest[8..];
    }

    internal void ShortBytes(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Bytes(value);
    }

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }
}
