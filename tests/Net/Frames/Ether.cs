// Frames for tests: two addresses, a type that nobody uses, and a payload by which a frame can be told from the next.

using System.Buffers.Binary;
using Lguest.Net.Frames;

namespace Lguest.Net.Tests.Frames;

/// <summary>Makes frames.</summary>
internal static class Ether
{
    /// <summary>The address of the station with this number.</summary>
    public static MacAddress Mac(int number) => MacAddress.Parse($"02:00:00:00:{number >> 8:x2}:{number & 0xff:x2}");

    /// <summary>A frame from one station to another (0: to all) that carries a number.</summary>
    public static byte[] Bytes(int from, int to, int number = 0, int length = 60)
    {
        byte[] frame = new byte[length];
        (to == 0 ? MacAddress.Broadcast : Mac(to)).Write(frame);
        Mac(from).Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88b5);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(14), number);
        return frame;
    }

    /// <summary>A batch of one such frame.</summary>
    public static FrameBatch Batch(int from, int to, int number = 0, int length = 60) => FrameBatch.Of(Bytes(from, to, number, length));

    /// <summary>A batch of frames.</summary>
    public static FrameBatch Batch(params IEnumerable<byte[]> frames)
    {
        var writer = new FrameBatchWriter();
        foreach (byte[] frame in frames)
            frame.CopyTo(writer.Add(frame.Length));
        return writer.Take()!;
    }

    /// <summary>The number that a frame carries.</summary>
    public static int Number(Frame frame) => BinaryPrimitives.ReadInt32BigEndian(frame.Bytes[14..]);

    /// <summary>The numbers that the frames of a batch carry.</summary>
    public static IEnumerable<int> Numbers(FrameBatch batch)
    {
        var numbers = new List<int>();
        foreach (var frame in batch)
            numbers.Add(Number(frame));
        return numbers;
    }
}
