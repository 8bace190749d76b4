// A kernel image, whatever its format, comes down to a few runs of file bytes that go to physical addresses. This is one of them, so that what
// comes after reading (does it fit, copy it) is written once for every format.

using Lguest.Guest.Memory;

namespace Lguest.Host.Images;

/// <summary>Bytes of the image file and where they go.</summary>
/// <param name="Address">First byte in Guest-physical memory.</param>
/// <param name="Content">The bytes as they stand in the file.</param>
/// <param name="MemoryBytes">Bytes that the segment takes in memory, at least the length of the content; the rest is zero.</param>
internal sealed record KernelSegment(GuestPhysical Address, ReadOnlyMemory<byte> Content, uint MemoryBytes)
{
    /// <summary>The address behind the last byte in memory; up to 2^33.</summary>
    public ulong End => (ulong)Address.Value + MemoryBytes;
}
