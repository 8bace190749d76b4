// A kernel that speaks lguest's interface: read, but not loaded.

using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>A kernel for an lguest Guest.</summary>
/// <param name="Segments">Runs of bytes and their places; not empty.</param>
/// <param name="Entry">Where execution starts. Boot translation makes the physical address the linear one, too (ABI sheet 1.6).</param>
/// <param name="End">The first physical address that the kernel does not need to start.</param>
/// <param name="Generation">The interface that it speaks.</param>
/// <param name="Release">Which Linux it says it is, or null.</param>
internal sealed record KernelImage(
    IReadOnlyList<KernelSegment> Segments,
    GuestPhysical Entry,
    ulong End,
    GuestGeneration Generation,
    LinuxRelease? Release) : KernelFile(Segments, Entry, End, Release)
{
    /// <summary>Linear address of physical address 0, for a kernel of generation 1, which has to be told where it starts; null for any
    /// other.</summary>
    public GuestVirtual? PageOffset { get; init; }

    /// <summary>The memory that a packed kernel says it needs to unpack itself; 0 for one that says nothing or is not packed. From Linux
    /// 4.7 on it moves itself to the end of that much before it unpacks, and asks the zero page how much it is.</summary>
    public uint InitialBytes { get; init; }

    /// <summary>Where execution starts, as a linear address.</summary>
    public GuestVirtual Start => new(Entry.Value + (PageOffset?.Value ?? 0));

    /// <summary>Reads a kernel file that must be one for lguest.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">How the user calls it, for the message of a refusal.</param>
    /// <exception cref="RefusedException">The file is no such kernel.</exception>
    public static KernelImage Read(ReadOnlyMemory<byte> file, string name) => KernelFile.Read(file, name) switch
    {
        KernelImage image => image,
        { Release: { } linux } when GuestGeneration.Of(linux) is null => throw new RefusedException(
            $"kernel {name} is Linux {linux}, which is not supported; use 2.6.23 to 4.13"),
        var other => throw new RefusedException(
            $"kernel {name}{(other.Release is { } linux ? $" (Linux {linux})" : "")} has no lguest support; build it with "
            + "CONFIG_LGUEST_GUEST=y"),
    };
}
