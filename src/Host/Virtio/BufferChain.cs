// What a driver hands over in one go: some buffers for the device to read, then some for it to write. A device sees them as two streams of
// bytes, whatever pieces the driver cut them into; it may read a header that is split over three descriptors and never know.

using Lguest.Guest.Memory;

namespace Lguest.Host.Virtio;

/// <summary>One chain of descriptors taken off a ring. Reused by its queue: valid until the next one is taken.</summary>
internal sealed class BufferChain(GuestMemory memory)
{
    private readonly List<GuestBuffer> _readable = [];
    private readonly List<GuestBuffer> _writable = [];

    /// <summary>The descriptor that begins it, by which it is returned.</summary>
    public ushort Head { get; private set; }

    /// <summary>What the device may read, in order.</summary>
    public IReadOnlyList<GuestBuffer> Readable => _readable;

    /// <summary>What the device may write, in order.</summary>
    public IReadOnlyList<GuestBuffer> Writable => _writable;

    /// <summary>Bytes in all readable buffers.</summary>
    public ulong ReadableBytes { get; private set; }

    /// <summary>Bytes in all writable buffers.</summary>
    public ulong WritableBytes { get; private set; }

    /// <summary>Copies readable bytes out.</summary>
    /// <param name="offset">First byte, counted over all readable buffers.</param>
    /// <param name="into">Where they go.</param>
    /// <returns>Bytes copied: fewer than asked for where the chain ends.</returns>
    public int Read(ulong offset, Span<byte> into)
    {
        var done = 0;
        foreach (var piece in Pieces(_readable, offset, (ulong)into.Length))
        {
            memory.TryRead(piece.Address, into.Slice(done, (int)piece.Length));
            done += (int)piece.Length;
        }

        return done;
    }

    /// <summary>Copies bytes into the writable buffers.</summary>
    /// <param name="offset">First byte, counted over all writable buffers.</param>
    /// <param name="from">What to write.</param>
    /// <returns>Bytes copied: fewer than given where the chain ends.</returns>
    public int Write(ulong offset, ReadOnlySpan<byte> from)
    {
        var done = 0;
        foreach (var piece in Pieces(_writable, offset, (ulong)from.Length))
        {
            memory.TryWrite(piece.Address, from.Slice(done, (int)piece.Length));
            done += (int)piece.Length;
        }

        return done;
    }

    /// <summary>The pieces of Guest memory that make up a range of the given buffers.</summary>
    public static IEnumerable<GuestBuffer> Pieces(IReadOnlyList<GuestBuffer> buffers, ulong offset, ulong length)
    {
        foreach (var buffer in buffers)
        {
            if (length == 0)
                yield break;
            if (offset >= buffer.Length)
            {
                offset -= buffer.Length;
                continue;
            }

            var take = (uint)Math.Min(buffer.Length - offset, length);
            yield return new GuestBuffer(buffer.Address + (uint)offset, take);
            offset = 0;
            length -= take;
        }
    }

    internal void Start(ushort head)
    {
        Head = head;
        _readable.Clear();
        _writable.Clear();
        ReadableBytes = 0;
        WritableBytes = 0;
    }

    internal void Add(GuestBuffer buffer, bool deviceWrites)
    {
        (deviceWrites ? _writable : _readable).Add(buffer);
        if (deviceWrites)
            WritableBytes += buffer.Length;
        else
            ReadableBytes += buffer.Length;
    }
}
