// What the Dma actors of two nodes say to each other, as bytes. Whatever else arrives is refused here, before any actor sees it.

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Lguest.Guest.Memory;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Dma.Actors;

/// <summary>
/// Wire format, little-endian, after a version u8 (1). A name is its length u8 and UTF-8. Transfer (manifest "T"): number i64, name, offset
/// u32, bytes.
/// Transferred ("A"): number i64, bytes i32. State ("S"): pages u16, each a name, slots u16 of (u16, six bytes), keys u16 of u32. A later
/// version may only
/// append manifests.
/// </summary>
public sealed class DmaSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system), IBulkSerializer
{
    private const byte Version = 1;
    private const int LongestName = 255;
    private const int NameAt = 1 + sizeof(long);
    private const int TransferBytes = NameAt + 1 + sizeof(uint);
    private const int AnswerBytes = NameAt + sizeof(int);
    private const string Transfer = "T";
    private const string Answer = "A";
    private const string State = "S";

    /// <summary>The serializer's number on the wire; those up to 100 are Akka's.</summary>
    public override int Identifier => 6102;

    public override string Manifest(object o) => o switch
    {
        DmaProtocol.Transfer => Transfer,
        DmaProtocol.Transferred => Answer,
        DmaProtocol.State => State,
        _ => throw new ArgumentException($"{o.GetType()} does not cross nodes", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        if (((IBulkSerializer)this).Serializes(obj))
        {
            byte[] bytes = new byte[((IBulkSerializer)this).SizeOf(obj)];
            ((IBulkSerializer)this).Write(obj, bytes);
            return bytes;
        }

        if (obj is not DmaProtocol.State state)
            throw new ArgumentException($"{obj.GetType()} does not cross nodes", nameof(obj));
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        WriteState(writer, state);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="SerializationException">The bytes are not what the manifest says.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    bool IBulkSerializer.Serializes(object message) => message is DmaProtocol.Transfer or DmaProtocol.Transferred;

    int IBulkSerializer.SizeOf(object message) => message switch
    {
        DmaProtocol.Transfer transfer => TransferBytes + NameBytes(transfer.Page) + transfer.Bytes.Length,
        _ => AnswerBytes,
    };

    void IBulkSerializer.Write(object message, Span<byte> into)
    {
        into[0] = Version;
        if (message is DmaProtocol.Transfer transfer)
        {
            BinaryPrimitives.WriteInt64LittleEndian(into[1..], transfer.Number);
            int name = Encoding.UTF8.GetBytes(transfer.Page, into[(NameAt + 1)..]);
            into[NameAt] = (byte)name;
            BinaryPrimitives.WriteUInt32LittleEndian(into[(NameAt + 1 + name)..], transfer.Offset);
            transfer.Bytes.Span.CopyTo(into[(TransferBytes + name)..]);
        }
        else if (message is DmaProtocol.Transferred transferred)
        {
            BinaryPrimitives.WriteInt64LittleEndian(into[1..], transferred.Number);
            BinaryPrimitives.WriteInt32LittleEndian(into[NameAt..], transferred.Bytes);
        }
    }

    object IBulkSerializer.Read(byte[] pooled, int length, string manifest, out bool isKept)
    {
        isKept = false;
        return manifest is Transfer or Answer
            ? Read(pooled.AsSpan(0, length), manifest)
            : throw new SerializationException("a DMA message that does not go by trunk");
    }

    private static object Read(Span<byte> rest, string manifest)
    {
        if (Take(ref rest, 1)[0] != Version)
            throw new SerializationException("not a DMA message of this version");
        object message = manifest switch
        {
            Transfer => ReadTransfer(ref rest),
            Answer => new DmaProtocol.Transferred(ReadNumber(ref rest), ReadLength(ref rest)),
            State => ReadState(ref rest),
            _ => throw new SerializationException("an unknown kind of DMA message"),
        };
        return rest.IsEmpty ? message : throw new SerializationException("a DMA message is longer than what it says");
    }

    private static int NameBytes(string name) => Encoding.UTF8.GetByteCount(name) is var bytes and <= LongestName
        ? bytes
        : throw new ArgumentException("the name of a shared page has at most 255 bytes", nameof(name));

    private static void WriteName(BinaryWriter writer, string name)
    {
        writer.Write((byte)NameBytes(name));
        writer.Write(Encoding.UTF8.GetBytes(name));
    }

    private static void WriteState(BinaryWriter writer, DmaProtocol.State state)
    {
        Span<byte> six = stackalloc byte[sizeof(ulong)];
        writer.Write((ushort)state.Pages.Length);
        foreach (var page in state.Pages)
        {
            WriteName(writer, page.Page);
            writer.Write((ushort)page.Slots.Length);
            foreach (var (slot, address) in page.Slots)
            {
                writer.Write((ushort)slot);
                BinaryPrimitives.WriteUInt64LittleEndian(six, address);
                writer.Write(six[..SharedPage.SlotBytes]);
            }

            writer.Write((ushort)page.Keys.Length);
            foreach (uint key in page.Keys)
                writer.Write(key);
        }
    }

    private static DmaProtocol.Transfer ReadTransfer(ref Span<byte> rest)
    {
        long number = ReadNumber(ref rest);
        string page = ReadName(ref rest);
        uint offset = ReadKey(ref rest);
        if (rest.Length > DmaDescriptor.MostBytes)
            throw new SerializationException("a DMA transfer is longer than any descriptor");
        byte[] bytes = rest.ToArray();
        rest = default;
        return new DmaProtocol.Transfer(number, page, offset, bytes);
    }

    private static DmaProtocol.State ReadState(ref Span<byte> rest)
    {
        var pages = ImmutableArray.CreateBuilder<DmaProtocol.PageState>();
        Span<byte> six = stackalloc byte[sizeof(ulong)];
        for (int count = ReadCount(ref rest); count > 0; count--)
        {
            string name = ReadName(ref rest);
            var slots = ImmutableArray.CreateBuilder<(int, ulong)>();
            for (int used = ReadCount(ref rest); used > 0; used--)
            {
                int slot = ReadCount(ref rest);
                six.Clear();
                Take(ref rest, SharedPage.SlotBytes).CopyTo(six);
                slots.Add(slot < SharedPage.Slots
                    ? (slot, BinaryPrimitives.ReadUInt64LittleEndian(six))
                    : throw new SerializationException("a slot beyond the end of its page"));
            }

            var keys = ImmutableArray.CreateBuilder<uint>();
            for (int bound = ReadCount(ref rest); bound > 0; bound--)
                keys.Add(ReadKey(ref rest));
            pages.Add(new DmaProtocol.PageState(name, slots.ToImmutable(), keys.ToImmutable()));
        }

        return new DmaProtocol.State(pages.ToImmutable());
    }

    private static string ReadName(ref Span<byte> rest) => Encoding.UTF8.GetString(Take(ref rest, Take(ref rest, 1)[0]));

    private static long ReadNumber(ref Span<byte> rest) => BinaryPrimitives.ReadInt64LittleEndian(Take(ref rest, sizeof(long)));

    private static int ReadCount(ref Span<byte> rest) => BinaryPrimitives.ReadUInt16LittleEndian(Take(ref rest, sizeof(ushort)));

    private static int ReadLength(ref Span<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int)));
        return length is >= 0 and <= DmaDescriptor.MostBytes ? length
            : throw new SerializationException("more bytes have arrived than were sent");
    }

    private static uint ReadKey(ref Span<byte> rest)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, sizeof(uint)));
        return offset < GuestMemory.PageSize && offset % sizeof(uint) == 0 ? offset
            : throw new SerializationException("a key outside of its page");
    }

    private static Span<byte> Take(ref Span<byte> rest, int count)
    {
        if (rest.Length < count)
            throw new SerializationException("a DMA message ends too early");
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
