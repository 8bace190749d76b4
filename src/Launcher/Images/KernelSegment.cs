// A run of file bytes that goes to a physical address. Every kernel format is reduced to a few of these, so that the code after reading
// (fit, copy) exists once.

using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>Bytes of the image file and where they go.</summary>
/// <param name="Address">First byte in Guest-physical memory.</param>
/// <param name="Content">The bytes as they stand in the file.</param>
/// <param name="MemoryBytes">Bytes that the segment takes in memory, at least the length of the content; the rest is zero.</param>
internal sealed record KernelSegment(GuestPhysical Address, ReadOnlyMemory<byte> Content, uint MemoryBytes)
{
    /// <summary>The address after the last byte in memory; up to 2^33.</summary>
    public ulong End => (ulong)Address.Value + MemoryBytes;

    /// <summary>Whether there are bytes of the file at an address.</summary>
    public bool Holds(GuestPhysical address) => address.Value >= Address.Value && address.Value - Address.Value < Content.Length;
}
