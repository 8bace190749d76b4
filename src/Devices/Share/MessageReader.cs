// Reads the fields of a message. A Guest may have written anything, so a field that is not there reads as zero and is remembered: one
// question at the end tells whether the message had the form that its type has.

using System.Buffers.Binary;

namespace Lguest.Devices.Share;

/// <summary>The fields of one message after its header, in order.</summary>
/// <param name="bytes">What follows the header.</param>
internal ref struct MessageReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _isShort;

    /// <summary>Whether all fields were there, and nothing after them.</summary>
    public readonly bool IsWhole => !_isShort && _rest.IsEmpty;

    /// <summary>Bytes that were not read yet.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte() => Take(sizeof(byte)) is { IsEmpty: false } field ? field[0] : (byte)0;

    public ushort Short() => Take(sizeof(ushort)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt16LittleEndian(field) : (ushort)0;

    public uint Word() => Take(sizeof(uint)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt32LittleEndian(field) : 0;

    public ulong Long() => Take(sizeof(ulong)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt64LittleEndian(field) : 0;

    /// <summary>A string: u16 length, bytes. Names are bytes to Linux, and stay so.</summary>
    public byte[] Text() => Take(Short()).ToArray();

    /// <summary>So many bytes; none if there are fewer.</summary>
    public ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)_rest.Length)
        {
            _isShort = true;
            _rest = [];
            return [];
        }

        var field = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return field;
    }
}
