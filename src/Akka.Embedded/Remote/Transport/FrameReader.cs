// Reads the fields of one frame. Bytes from a peer are never trusted: a field that is not there leaves a mark instead of an exception, so that
// a million bad frames cost no more than a million good ones, and the caller looks at the mark once, at the end.

using System.Buffers.Binary;
using System.Text;

namespace Akka.Remote.Transport;

/// <summary>Little-endian numbers and byte strings with a 16-bit length.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>True once anything was asked for that was not there.</summary>
    internal bool Failed { get; private set; }

    internal readonly int Left => _rest.Length;

    internal byte Byte() => Take(1) is { IsEmpty: false } one ? one[0] : (byte)0;

    internal ushort UInt16() => Take(2) is { IsEmpty: false } two ? BinaryPrimitives.ReadUInt16LittleEndian(two) : (ushort)0;

    internal int Int32() => Take(4) is { IsEmpty: false } four ? BinaryPrimitives.ReadInt32LittleEndian(four) : 0;

    internal long Int64() => Take(8) is { IsEmpty: false } eight ? BinaryPrimitives.ReadInt64LittleEndian(eight) : 0;

    internal ReadOnlySpan<byte> ShortBytes() => Take(UInt16());

    internal string ShortText() => Encoding.UTF8.GetString(ShortBytes());

    /// <summary>So many bytes; a negative number is one of those that are not there.</summary>
    internal ReadOnlySpan<byte> Bytes(int length) => Take(length);

    internal ReadOnlySpan<byte> Rest()
    {
        var rest = _rest;
        _rest = default;
        return rest;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (Failed || (uint)length > (uint)_rest.Length)
        {
            Failed = true;
            return default;
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
