// A piece of the physical address space that is not RAM: where it is and who answers there. A memory map asks its buses for theirs.

namespace Lguest.Machine;

/// <summary>A region in which loads and stores reach a device.</summary>
/// <param name="Start">The first physical address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Device">What answers; it is given offsets from <paramref name="Start"/>.</param>
public readonly record struct MmioRegion(ulong Start, ulong Size, IMmioDevice Device)
{
    /// <summary>Whether an access lies wholly inside.</summary>
    public bool Holds(ulong address, int bytes) => address >= Start && address - Start < Size && Size - (address - Start) >= (uint)bytes;
}
