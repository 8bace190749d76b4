// Writes the fields of an answer. What does not fit is not written and remembered: the answer is then an error, which always fits.

using System.Buffers.Binary;

namespace Lguest.Devices.Share;

/// <summary>One answer, from its header on.</summary>
/// <param name="room">Where it goes; the first bytes are for its header.</param>
internal ref struct MessageWriter(Span<byte> room)
{
    /// <summary>Bytes of a header: u32 size, u8 type, u16 tag.</summary>
    public const int HeaderBytes = 7;

    /// <summary>Bytes of an answer that says what went wrong: header, u32 errno.</summary>
    public const int ErrorBytes = HeaderBytes + sizeof(uint);

    private readonly Span<byte> _room = room;
    private int _length = HeaderBytes;
    private bool _isFull;

    public void Byte(byte value)
    {
        if (Take(sizeof(byte)) is { IsEmpty: false } field)
            field[0] = value;
    }

    public void Short(ushort value)
    {
        if (Take(sizeof(ushort)) is { IsEmpty: false } field)
            BinaryPrimitives.WriteUInt16LittleEndian(field, value);
    }

    public void Word(uint value)
    {
        if (Take(sizeof(uint)) is { IsEmpty: false } field)
            BinaryPrimitives.WriteUInt32LittleEndian(field, value);
    }

    public void Long(ulong value)
    {
        if (Take(sizeof(ulong)) is { IsEmpty: false } field)
            BinaryPrimitives.WriteUInt64LittleEndian(field, value);
    }

    public void Text(ReadOnlySpan<byte> text)
    {
        Short((ushort)text.Length);
        if (Take(text.Length) is { IsEmpty: false } field)
            text.CopyTo(field);
    }

    public void Qid(Qid qid)
    {
        Byte((byte)qid.Kind);
        Word(qid.Version);
        Long(qid.Path);
    }

    /// <summary>Bytes that stand in their place already.</summary>
    public void Placed(int bytes) => Take(bytes);

    /// <summary>Completes the answer.</summary>
    /// <returns>Its bytes.</returns>
    public int Finish(MessageType asked, ushort tag)
    {
        if (_isFull)
            return Error(_room, Errno.MessageSize, tag);
        BinaryPrimitives.WriteInt32LittleEndian(_room, _length);
        _room[4] = (byte)(asked + 1);
        BinaryPrimitives.WriteUInt16LittleEndian(_room[5..], tag);
        return _length;
    }

    /// <summary>Writes the answer to what has failed.</summary>
    /// <param name="room">At least <see cref="ErrorBytes"/>.</param>
    /// <param name="error">Linux's number.</param>
    /// <param name="tag">Of the message that it answers.</param>
    /// <returns>Its bytes.</returns>
    public static int Error(Span<byte> room, int error, ushort tag)
    {
        MessageWriter answer = new(room);
        answer.Word((uint)error);
        return answer.Finish(MessageType.Error, tag);
    }

    private Span<byte> Take(int bytes)
    {
        if (_isFull || bytes > _room.Length - _length)
        {
            _isFull = true;
            return [];
        }

        _length += bytes;
        return _room.Slice(_length - bytes, bytes);
    }
}
