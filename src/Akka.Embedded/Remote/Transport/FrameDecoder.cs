//J:Cluster:100 Where a stream becomes frames
// TCP delivers bytes, not messages. Each frame is its length, 32 bits little-endian, and so many bytes. A peer may claim any length and send
// anything: what it claims costs nothing, memory grows only with what has really arrived, and never beyond one largest frame.

using System.Buffers;
using System.Buffers.Binary;

namespace Akka.Remote.Transport;

/// <summary>Cuts a stream into frames. Pure: bytes in, frames out; not thread-safe.</summary>
internal sealed class FrameDecoder : IDisposable
{
    internal const int PrefixSize = 4;
    private const int InitialSize = 64 * 1024;

    private readonly int _maximumFrameSize;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _start;
    private int _end;

    /// <param name="maximumFrameSize">In bytes, prefix included.</param>
    internal FrameDecoder(int maximumFrameSize) => _maximumFrameSize = maximumFrameSize;

    internal enum Result
    {
        /// <summary>More bytes are needed.</summary>
        Incomplete,

        Frame,

        /// <summary>The length is impossible; nothing that follows can be made sense of.</summary>
        Broken,
    }

    /// <summary>How much memory is held, in bytes.</summary>
    internal int Capacity => _buffer.Length;

    /// <summary>Room for the next bytes; never empty.</summary>
    internal Memory<byte> GetMemory()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            // After a large frame: back to the size that small ones need.
            if (_buffer.Length > 4 * InitialSize) Resize(InitialSize);
        }
        else if (_end == _buffer.Length)
        {
            if (_start > 0 && _end - _start <= _buffer.Length / 2) Shift();
            else Resize(_buffer.Length * 2);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So many bytes have been put where <see cref="GetMemory"/> said.</summary>
    internal void Advance(int count) => _end += count;

    /// <summary>The next frame without its prefix, valid until <see cref="GetMemory"/> is called.</summary>
    internal Result TryTake(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (_end - _start < PrefixSize) return Result.Incomplete;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start));
        if (length == 0 || length > (uint)(_maximumFrameSize - PrefixSize)) return Result.Broken;
        if (_end - _start - PrefixSize < (int)length) return Result.Incomplete;
        frame = _buffer.AsSpan(_start + PrefixSize, (int)length);
        _start += PrefixSize + (int)length;
        return Result.Frame;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private void Shift()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
    }

    private void Resize(int size)
    {
        var old = _buffer;
        _buffer = ArrayPool<byte>.Shared.Rent(size);
        old.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        ArrayPool<byte>.Shared.Return(old);
    }
}
