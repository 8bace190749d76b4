// The storage of a virtio disk. The device checks requests; this only moves bytes, so a test can use a disk that fails or one in memory.

namespace Lguest.Devices.Block;

/// <summary>A fixed number of 512-byte sectors.</summary>
internal interface IDisk : IDisposable
{
    /// <summary>Capacity in sectors of 512 bytes.</summary>
    long Sectors { get; }

    bool ReadOnly { get; }

    /// <summary>What the Guest is told as the disk's serial number; at most 20 ASCII characters are shown.</summary>
    string Serial { get; }

    /// <summary>Reads at a byte offset inside the capacity. False if the bytes cannot be had.</summary>
    bool TryRead(long offset, Span<byte> into);

    /// <summary>Writes at a byte offset inside the capacity. False if the bytes cannot be stored.</summary>
    bool TryWrite(long offset, ReadOnlySpan<byte> from);

    /// <summary>Waits until all that was written is on stable storage. False if that failed.</summary>
    bool TryFlush();
}
