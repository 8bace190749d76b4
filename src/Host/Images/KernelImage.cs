// A kernel file that has been read but not loaded: its segments, entry point, memory needs and lguest interface. ElfFile and BzImageFile
// read the formats and report errors, before any Guest memory is made.

using Lguest.Guest.Memory;

namespace Lguest.Host.Images;

/// <summary>A kernel that can be loaded.</summary>
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
    LinuxRelease? Release)
{
    /// <summary>Linear address of physical address 0, for a kernel of generation 1, which has to be told where it starts; null for any
    /// other.</summary>
    public GuestVirtual? PageOffset { get; init; }

    /// <summary>Where execution starts, as a linear address.</summary>
    public GuestVirtual Start => new(Entry.Value + (PageOffset?.Value ?? 0));

    /// <summary>Reads a kernel file of any known format.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">How the user calls it, for the message of a refusal.</param>
    /// <exception cref="RefusedException">The file is no kernel that can run here.</exception>
    public static KernelImage Read(ReadOnlyMemory<byte> file, string name)
    {
        if (ElfFile.Looks(file.Span))
            return ElfFile.Read(file, name);
        if (BzImageFile.Looks(file.Span))
            return BzImageFile.Read(file, name);
        throw new RefusedException(file.IsEmpty
            ? $"kernel {name} is an empty file; name an ELF vmlinux or a bzImage"
            : $"{name} is not a kernel: it is neither an ELF vmlinux nor a bzImage; name one of those");
    }

    /// <summary>Decides by what stands in a kernel's bytes whether, and how, it can run as a Guest.</summary>
    /// <param name="release">The Linux release, if the image names one. Other kernels are of the first generation if they have its entry,
    /// else of the latest.</param>
    /// <param name="bytes">Where to look for traces of lguest support; empty if the bytes cannot be seen.</param>
    public static GuestGeneration Recognise(LinuxRelease? release, ReadOnlyMemory<byte>[] bytes, string name)
    {
        if (release is not { } linux)
            return Array.Exists(bytes, part => EntryMarker.IsIn(part.Span)) ? GuestGeneration.Linux2623 : GuestGeneration.Linux3;
        var generation = GuestGeneration.Of(linux) ?? throw new RefusedException(
            $"kernel {name} is Linux {linux}, which is not supported; use 2.6.23 to 3.x");
        if (bytes.Length > 0 && !Array.Exists(bytes, part => part.Span.IndexOf("lguest\0"u8) >= 0))
            throw new RefusedException($"kernel {name} (Linux {linux}) has no lguest support; build it with CONFIG_LGUEST_GUEST=y");
        return generation;
    }
}
