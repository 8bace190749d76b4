// A kernel that wants a plain PC: read, but not loaded. The board has no firmware, so that nothing of the real-mode part of a bzImage runs;
// what it has to tell a boot loader stands in its setup header (Linux boot protocol; PC board sheet 4).

using System.Collections.Immutable;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>A kernel for a PC Guest.</summary>
/// <param name="Segments">Runs of bytes and their places; not empty.</param>
/// <param name="Entry">Where execution starts, in flat protected mode.</param>
/// <param name="End">The first physical address that the kernel does not need to start.</param>
/// <param name="Release">Which Linux it says it is, or null.</param>
internal sealed record PcKernel(
    IReadOnlyList<KernelSegment> Segments,
    GuestPhysical Entry,
    ulong End,
    LinuxRelease? Release) : KernelFile(Segments, Entry, End, Release)
{
    /// <summary>The setup header of its bzImage, from 0x1f1 of the file on; empty for a kernel without one.</summary>
    public ImmutableArray<byte> SetupHeader { get; init; } = [];

    /// <summary>Its other entry, made for virtual machines (PVH), if it has one.</summary>
    public GuestPhysical? PvhEntry { get; init; }

    /// <summary>The same kernel packed, as a Guest would unpack it; null for one that did not come from a bzImage, and for this one
    /// itself.</summary>
    public PcKernel? Packed { get; init; }
}
