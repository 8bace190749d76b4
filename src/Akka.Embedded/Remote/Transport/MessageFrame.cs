//J:Cluster:110 What a message is on the wire
// Recipient, sender, the number of a serializer, its manifest, and the bytes it made. Nothing else: no type names, unless a serializer's
// manifest is one. A system message has a number before all that, so that it can be acknowledged and sent again.

namespace Akka.Remote.Transport;

/// <summary>The fields of a message frame; paths and manifest in UTF-8. An empty sender is nobody.</summary>
internal readonly ref struct MessageFrame
{
    private const int FixedSize = FrameDecoder.PrefixSize + 1 + 2 + 2 + 4 + 2;
    internal const int SequenceOffset = FrameDecoder.PrefixSize + 1;

    /// <summary>0 for a user's message.</summary>
    internal long Sequence { get; init; }

    internal ReadOnlySpan<byte> Recipient { get; init; }
    internal ReadOnlySpan<byte> Sender { get; init; }
    internal int SerializerId { get; init; }
    internal ReadOnlySpan<byte> Manifest { get; init; }
    internal ReadOnlySpan<byte> Payload { get; init; }

    internal bool IsSystem => Sequence != 0;

    /// <summary>Of the whole frame in bytes, prefix included.</summary>
    internal long Size => (long)FixedSize + (IsSystem ? 8 : 0) + Recipient.Length + Sender.Length + Manifest.Length + Payload.Length;

    internal void WriteTo(Span<byte> target)
    {
        var writer = new FrameWriter(target);
        writer.Int32((int)Size - FrameDecoder.PrefixSize);
        writer.Byte((byte)(IsSystem ? FrameType.SystemMessage : FrameType.Message));
        if (IsSystem) writer.Int64(Sequence);
        writer.Int32(SerializerId);
        writer.ShortBytes(Recipient);
        writer.ShortBytes(Sender);
        writer.ShortBytes(Manifest);
        writer.Bytes(Payload);
    }

    /// <summary>Reads what follows the frame's type.</summary>
    internal static bool TryRead(FrameType type, ReadOnlySpan<byte> body, out MessageFrame frame)
    {
        var reader = new FrameReader(body);
        var sequence = type == FrameType.SystemMessage ? reader.Int64() : 0;
        frame = new MessageFrame
        {
            Sequence = sequence,
            SerializerId = reader.Int32(),
            Recipient = reader.ShortBytes(),
            Sender = reader.ShortBytes(),
            Manifest = reader.ShortBytes(),
            Payload = reader.Rest(),
        };
        return !reader.Failed && !frame.Recipient.IsEmpty && (type != FrameType.SystemMessage || sequence > 0);
    }
}
