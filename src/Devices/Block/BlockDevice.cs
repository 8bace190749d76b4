// A virtio disk. A request is a chain of header, data and a status byte. A malformed request breaks the queue; one that only fails (beyond
// the end, read-only, an unreadable file) gets an error status, as from a real drive.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Block;

/// <summary>Serves the one queue of a virtio disk (ABI sheet 10.8).</summary>
internal sealed class BlockDevice(GuestMemory memory, IDisk disk, SplitQueue queue, GuestGeneration generation) : IVirtioDevice
{
    private const uint Read = 0; // VIRTIO_BLK_T_IN
    private const uint Write = 1; // VIRTIO_BLK_T_OUT
    private const uint Flush = 4; // VIRTIO_BLK_T_FLUSH
    private const uint GetId = 8; // VIRTIO_BLK_T_GET_ID
    private const uint BarrierBit = 1u << 31; // VIRTIO_BLK_T_BARRIER
    private const int IdBytes = 20; // VIRTIO_BLK_ID_BYTES
    private const int RequestsAtATime = 16;

    private const byte Ok = 0; // VIRTIO_BLK_S_OK
    private const byte IoError = 1; // VIRTIO_BLK_S_IOERR
    private const byte Unsupported = 2; // VIRTIO_BLK_S_UNSUPP

    private BlockMetrics _metrics;

    public IReadOnlyList<SplitQueue> Queues { get; } = [queue];

    public BlockMetrics Metrics => _metrics;

    public bool Serve(int index)
    {
        for (int i = 0; i < RequestsAtATime; i++)
        {
            if (queue.TryTake() is not { } request)
                return false;
            if (Do(request) is not { } written)
                return false;
            queue.Return(request.Head, written);
        }

        return queue.HasMore;
    }

    public void Reset() => queue.Reset();

    public void Dispose()
    {
        disk.Dispose();
        queue.Dispose();
    }

    /// <summary>Carries out one request.</summary>
    /// <returns>Bytes written into the Guest's buffers; null if the chain is no request, and the queue broken.</returns>
    private uint? Do(BufferChain request)
    {
        Span<byte> header = stackalloc byte[16];
        if (request.ReadableBytes < (ulong)generation.BlockHeaderBytes)
            return Break($"a request of {request.ReadableBytes} bytes is shorter than its header");
        if (request.WritableBytes == 0)
            return Break("a request has no room for its status");
        request.Read(0, header);
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
        ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        ulong room = request.WritableBytes - 1;
        uint data = 0u;
        bool barrier = (type & BarrierBit) != 0 && (type & ~BarrierBit) == Write;
        byte status = barrier && !TryFlush() ? IoError : (type & ~BarrierBit) switch
        {
            Read => DoRead(request, sector, room, out data),
            Write => DoWrite(request, sector),
            Flush => TryFlush() ? Ok : IoError,
            GetId => DoGetId(request, room, out data),
            _ => Unsupported,
        };
        if (barrier && status == Ok && !TryFlush())
            status = IoError;
        if (status != Ok)
            _metrics = _metrics with { Errors = _metrics.Errors + 1 };
        request.Write(room, [status]);
        return data + 1;
    }

    private byte DoRead(BufferChain request, ulong sector, ulong length, out uint data)
    {
        data = 0;
        if (!Inside(sector, length))
            return IoError;
        long offset = (long)sector * FileDisk.SectorBytes;
        foreach (var piece in BufferChain.Pieces(request.Writable, 0, length))
        {
            using (memory.Writing(piece.Address, piece.Length))
            {
                if (!disk.TryRead(offset, memory.Span(piece.Address, piece.Length)))
                    return IoError;
            }

            offset += piece.Length;
        }

        data = (uint)length;
        _metrics = _metrics with { Reads = _metrics.Reads + 1, BytesRead = _metrics.BytesRead + (long)length };
        return Ok;
    }

    private byte DoWrite(BufferChain request, ulong sector)
    {
        ulong header = (ulong)generation.BlockHeaderBytes;
        ulong length = request.ReadableBytes - header;
        if (disk.ReadOnly || !Inside(sector, length))
            return IoError;
        long offset = (long)sector * FileDisk.SectorBytes;
        foreach (var piece in BufferChain.Pieces(request.Readable, header, length))
        {
            if (!disk.TryWrite(offset, memory.Span(piece.Address, piece.Length)))
                return IoError;
            offset += piece.Length;
        }

        _metrics = _metrics with { Writes = _metrics.Writes + 1, BytesWritten = _metrics.BytesWritten + (long)length };
        return Ok;
    }

    private byte DoGetId(BufferChain request, ulong room, out uint data)
    {
        byte[] id = new byte[IdBytes];
        byte[] serial = Encoding.ASCII.GetBytes(disk.Serial);
        serial.AsSpan(0, Math.Min(serial.Length, IdBytes)).CopyTo(id);
        data = (uint)request.Write(0, id.AsSpan(0, (int)Math.Min(room, IdBytes)));
        return Ok;
    }

    private bool TryFlush()
    {
        _metrics = _metrics with { Flushes = _metrics.Flushes + 1 };
        return disk.TryFlush();
    }

    private bool Inside(ulong sector, ulong length) =>
        length % FileDisk.SectorBytes == 0
        && sector <= (ulong)disk.Sectors
        && length / FileDisk.SectorBytes <= (ulong)disk.Sectors - sector;

    private uint? Break(string what)
    {
        queue.Break(what);
        return null;
    }
}
