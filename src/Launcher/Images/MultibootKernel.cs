// A kernel with a Multiboot header: read, but not loaded. It says nothing about Linux, and wants a PC.

using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>A kernel that any boot loader can load.</summary>
/// <param name="Segments">Runs of bytes and their places; not empty.</param>
/// <param name="Entry">Where execution starts, in flat protected mode.</param>
/// <param name="End">The first physical address that the kernel does not need to start.</param>
internal sealed record MultibootKernel(IReadOnlyList<KernelSegment> Segments, GuestPhysical Entry, ulong End)
    : KernelFile(Segments, Entry, End, null);
