// A message of 9P as a driver writes it, well-formed or not.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices.Share;

namespace Lguest.Devices.Tests.Share;

/// <summary>Writes a request field by field.</summary>
internal sealed class Request(MessageType type, ushort tag = 1)
{
    private readonly List<byte> _body = [];

    public Request Byte(byte value)
    {
        _body.Add(value);
        return this;
    }

    public Request Short(ushort value) => Byte((byte)value).Byte((byte)(value >> 8));

    public Request Word(uint value) => Short((ushort)value).Short((ushort)(value >> 16));

    public Request Long(ulong value) => Word((uint)value).Word((uint)(value >> 32));

    public Request Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public Request Text(byte[] text)
    {
        Short((ushort)text.Length);
        _body.AddRange(text);
        return this;
    }

    public Request Bytes(ReadOnlySpan<byte> bytes)
    {
        _body.AddRange(bytes);
        return this;
    }

    public byte[] ToArray()
    {
        byte[] message = new byte[7 + _body.Count];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        message[4] = (byte)type;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(5), tag);
        _body.CopyTo(message, 7);
        return message;
    }

    public static Request Version(uint bytes = 1 << 16, string dialect = "9P2000.L") =>
        new Request(MessageType.Version, ushort.MaxValue).Word(bytes).Text(dialect);

    public static Request Attach(uint fid) =>
        new Request(MessageType.Attach).Word(fid).Word(uint.MaxValue).Text("root").Text("").Word(0);

    public static Request Walk(uint fid, uint to, params string[] names)
    {
        var request = new Request(MessageType.Walk).Word(fid).Word(to).Short((ushort)names.Length);
        foreach (string name in names)
            request.Text(name);
        return request;
    }

    public static Request Open(uint fid, uint flags = 0) => new Request(MessageType.Open).Word(fid).Word(flags);

    public static Request Create(uint fid, string name, uint flags = 2, uint mode = 0x1a4) =>
        new Request(MessageType.Create).Word(fid).Text(name).Word(flags).Word(mode).Word(0);

    public static Request Read(uint fid, ulong offset, uint count, MessageType type = MessageType.Read) =>
        new Request(type).Word(fid).Long(offset).Word(count);

    public static Request Write(uint fid, ulong offset, ReadOnlySpan<byte> content) =>
        new Request(MessageType.Write).Word(fid).Long(offset).Word((uint)content.Length).Bytes(content);

    public static Request Fid(MessageType type, uint fid) => new Request(type).Word(fid);

    public static Request Attributes(uint fid) => Fid(MessageType.Attributes, fid).Long(0x7ff);

    public static Request Change(uint fid, uint valid, uint mode = 0, uint user = 0, uint group = 0, ulong bytes = 0, ulong seconds = 0,
        ulong nanoseconds = 0) => new Request(MessageType.SetAttributes).Word(fid).Word(valid).Word(mode).Word(user).Word(group)
        .Long(bytes).Long(seconds).Long(nanoseconds).Long(seconds).Long(nanoseconds);

    public static Request Lock(uint fid, byte kind, ulong start, ulong length) => new Request(MessageType.Lock).Word(fid).Byte(kind).Word(0)
        .Long(start).Long(length).Word(77).Text("guest");
}
