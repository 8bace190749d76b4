// The disk of generation 1: the driver writes a request into a page and sends a notification, one request at a time. Data to write comes
// with the notification, data to read goes into the buffer that the driver has bound, and the result is in the page before the interrupt.

using System.Buffers.Binary;
using Lguest.Devices.Block;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;

namespace Lguest.Devices.Generation1;

/// <summary>A disk (ABI sheet 9.7).</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="page">Its page, which is its key as well.</param>
/// <param name="irq">Its interrupt.</param>
/// <param name="disk">The bytes; owned.</param>
/// <param name="name">What it is called.</param>
internal sealed class DmaDisk(GuestMemory memory, GuestPhysical page, int irq, IDisk disk, string name) : DmaDevice(memory, page, irq, name)
{
    private const int PageBytes = 20;
    private const int TypeAt = 0;
    private const int SectorAt = 4;
    private const int BytesAt = 8;
    private const int ResultAt = 12;
    private const int CapacityAt = 16;
    private const uint Write = 1;
    private const uint Done = 1;
    private const uint Failed = 2;

    /// <summary>Bytes moved since the start.</summary>
    public long Moved { get; private set; }

    /// <summary>Tells the Guest the capacity, in sectors of 512 bytes; what a page cannot say is left out.</summary>
    public void WriteCapacity() => Memory.TryWrite(Key + CapacityAt, (uint)Math.Min(disk.Sectors, uint.MaxValue));

    /// <summary>Carries out the request in the page and writes its result there.</summary>
    /// <param name="sent">What came with the nudge: the data of a write.</param>
    /// <param name="bound">The driver's own buffer: the place for the data of a read. Null if it has none, and then nothing can be
    /// done.</param>
    /// <param name="read">Bytes read, for the buffer's used_len.</param>
    /// <returns>used_len of what was sent, which is always 0.</returns>
    public DmaAnswer Serve(in DmaDescriptor sent, in DmaDescriptor? bound, out uint read)
    {
        read = 0;
        Span<byte> request = stackalloc byte[PageBytes];
        Memory.TryRead(Key, request);
        bool writes = BinaryPrimitives.ReadUInt32LittleEndian(request[TypeAt..]) == Write;
        var data = writes ? sent : bound.GetValueOrDefault();
        if (data.FirstBad(Memory) is { } bad)
            return DmaAnswer.Bad(bad);
        uint wanted = BinaryPrimitives.ReadUInt32LittleEndian(request[BytesAt..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(request[SectorAt..]) * (long)FileDisk.SectorBytes;
        uint moved = bound is null || (writes && disk.ReadOnly) ? 0 : Move(data, offset, wanted, writes);
        if (!writes)
            read = moved;
        Moved += moved;
        Memory.TryWrite(Key + ResultAt, bound is not null && moved == wanted ? Done : Failed);
        return default;
    }

    public override void Dispose()
    {
        base.Dispose();
        disk.Dispose();
    }

    private bool TryRead(long offset, GuestPhysical address, uint length)
    {
        using var scope = Memory.Writing(address, length);
        return disk.TryRead(offset, Memory.Span(address, length));
    }

    /// <summary>Moves bytes between disk and sections, until what is wanted, the sections or the disk come to their end.</summary>
    private uint Move(in DmaDescriptor data, long offset, uint wanted, bool writes)
    {
        long left = Math.Min(wanted, Math.Max(0, (disk.Sectors * FileDisk.SectorBytes) - offset));
        uint moved = 0u;
        for (int i = 0; i < data.Count && left > 0; i++)
        {
            var section = data[i];
            uint length = (uint)Math.Min(section.Length, left);
            if (!(writes ? disk.TryWrite(offset, Memory.Span(section.Address, length)) : TryRead(offset, section.Address, length)))
                return 0;
            offset += length;
            left -= length;
            moved += length;
        }

        return moved;
    }
}
