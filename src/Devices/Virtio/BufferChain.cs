// A descriptor chain: buffers for the device to read, then buffers for it to write. A device sees two streams of bytes, however the driver
// split them.

using Lguest.Guest.Memory;

namespace Lguest.Devices.Virtio;

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
        int done = 0;
        for (int i = 0; i < _readable.Count && done < into.Length; i++)
        {
            if (!Skips(_readable[i], ref offset))
            {
                var piece = PieceOf(_readable[i], ref offset, into.Length - done);
                memory.TryRead(piece.Address, into.Slice(done, (int)piece.Length));
                done += (int)piece.Length;
            }
        }

        return done;
    }

    /// <summary>Copies bytes into the writable buffers.</summary>
    /// <param name="offset">First byte, counted over all writable buffers.</param>
    /// <param name="from">What to write.</param>
    /// <returns>Bytes copied: fewer than given where the chain ends.</returns>
    public int Write(ulong offset, ReadOnlySpan<byte> from)
    {
        int done = 0;
        for (int i = 0; i < _writable.Count && done < from.Length; i++)
        {
            if (!Skips(_writable[i], ref offset))
            {
                var piece = PieceOf(_writable[i], ref offset, from.Length - done);
                memory.TryWrite(piece.Address, from.Slice(done, (int)piece.Length));
                done += (int)piece.Length;
            }
        }

        return done;
    }

    /// <summary>Where a byte of the writable buffers lies in the Guest's memory; null beyond their end.</summary>
    /// <param name="offset">Counted over all writable buffers.</param>
    public GuestPhysical? AddressOf(ulong offset)
    {
        foreach (var buffer in _writable)
        {
            if (!Skips(buffer, ref offset))
                return buffer.Address + (uint)offset;
        }

        return null;
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

            uint take = (uint)Math.Min(buffer.Length - offset, length);
            yield return new GuestBuffer(buffer.Address + (uint)offset, take);
            offset = 0;
            length -= take;
        }
    }

    /// <summary>Whether a buffer ends before the offset, which is then counted from the next.</summary>
    private static bool Skips(GuestBuffer buffer, ref ulong offset)
    {
        if (offset < buffer.Length)
            return false;
        offset -= buffer.Length;
        return true;
    }

    private static GuestBuffer PieceOf(GuestBuffer buffer, ref ulong offset, int most)
    {
        var piece = new GuestBuffer(buffer.Address + (uint)offset, (uint)Math.Min(buffer.Length - offset, (ulong)most));
        offset = 0;
        return piece;
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
