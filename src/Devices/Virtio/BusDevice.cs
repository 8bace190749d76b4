// One device's entry on the lguest bus: its descriptor in the form that the kernel reads, and what the driver writes back. Both forms are
// here next to each other, to show the difference (ABI sheet 10.1).

using System.Buffers.Binary;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Virtio;

/// <summary>A device with its place on the bus.</summary>
/// <param name="description">What it says about itself.</param>
/// <param name="record">Where its descriptor begins.</param>
/// <param name="format">The form of the descriptor.</param>
/// <param name="rings">Its virtqueues, in order.</param>
internal sealed class BusDevice(DeviceDescription description, GuestPhysical record, DescriptorFormat format,
    IReadOnlyList<RingLayout> rings)
{
    private const int TaggedHead = 3; // type, config_len, status
    private const int RecordHead = 5; // type, num_vq, feature_len, config_len, status
    private const int QueueBytes = 8; // u16 num, u16 irq, u32 pfn
    private const int TagHead = 2; // tag, length
    private const byte QueueTag = 2; // VIRTIO_CONFIG_F_VIRTQUEUE
    private const int FeatureBytes = 4;

    public DeviceDescription Description => description;

    public GuestPhysical Record => record;

    public IReadOnlyList<RingLayout> Rings => rings;

    /// <summary>Bytes from this descriptor to the next.</summary>
    public uint RecordBytes => (uint)(format == DescriptorFormat.Tagged ? TaggedHead + TaggedBytes : ConfigAt + description.Config.Length);

    private int TaggedBytes => (rings.Count * (TagHead + QueueBytes)) + description.Tags.Sum(tag => TagHead + tag.Content.Length);

    private int FeaturesAt => RecordHead + (QueueBytes * rings.Count);

    private int ConfigAt => FeaturesAt + (2 * FeatureBytes);

    private GuestPhysical StatusAt => record + (format == DescriptorFormat.Tagged ? 2u : 4u);

    /// <summary>Writes the descriptor.</summary>
    public void WriteInto(GuestMemory memory)
    {
        byte[] bytes = new byte[RecordBytes];
        if (format == DescriptorFormat.Tagged)
            FillTagged(bytes);
        else
            FillRecord(bytes);
        memory.TryWrite(record, bytes);
    }

    /// <summary>How far the driver says it is.</summary>
    public DeviceStatus Status(GuestMemory memory) => memory.TryRead(StatusAt, out byte status) ? (DeviceStatus)status : default;

    /// <summary>The feature bits that the driver acknowledged, of those offered.</summary>
    public uint Accepted(GuestMemory memory) =>
        format == DescriptorFormat.Records && memory.TryRead(record + (uint)(FeaturesAt + FeatureBytes), out uint accepted)
            ? accepted & description.Features
            : 0;

    /// <summary>Takes back what a driver acknowledged, as a reset does (ABI sheet 10.4).</summary>
    public void ClearAccepted(GuestMemory memory)
    {
        if (format == DescriptorFormat.Records)
            memory.TryWrite(record + (uint)(FeaturesAt + FeatureBytes), 0u);
    }

    private void FillTagged(Span<byte> bytes)
    {
        bytes[0] = (byte)description.Type;
        bytes[1] = (byte)TaggedBytes;
        int at = TaggedHead;
        foreach (var ring in rings)
        {
            bytes[at] = QueueTag;
            bytes[at + 1] = QueueBytes;
            WriteQueue(bytes[(at + TagHead)..], ring);
            at += TagHead + QueueBytes;
        }

        foreach (var (tag, content) in description.Tags)
        {
            bytes[at] = tag;
            bytes[at + 1] = (byte)content.Length;
            content.AsSpan().CopyTo(bytes[(at + TagHead)..]);
            at += TagHead + content.Length;
        }
    }

    private void FillRecord(Span<byte> bytes)
    {
        bytes[0] = (byte)description.Type;
        bytes[1] = (byte)rings.Count;
        bytes[2] = FeatureBytes;
        bytes[3] = (byte)description.Config.Length;
        for (int i = 0; i < rings.Count; i++)
            WriteQueue(bytes[(RecordHead + (i * QueueBytes))..], rings[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[FeaturesAt..], description.Features);
        description.Config.AsSpan().CopyTo(bytes[ConfigAt..]);
    }

    private static void WriteQueue(Span<byte> bytes, RingLayout ring)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, ring.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], ring.Irq);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], ring.Base.Frame);
    }
}
