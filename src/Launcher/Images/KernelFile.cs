// Which kind of kernel a file holds is seen from its bytes: one that was built to run under lguest speaks lguest's interface, any other
// 32-bit x86 kernel wants a PC. ElfFile, BzImageFile and MultibootFile read the formats and report errors, before any Guest memory is made.

using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images.Packed;

namespace Lguest.Launcher.Images;

/// <summary>A kernel that can be loaded, of either kind.</summary>
/// <param name="Segments">Runs of bytes and their places; not empty.</param>
/// <param name="Entry">Where execution starts, as a physical address.</param>
/// <param name="End">The first physical address that the kernel does not need to start.</param>
/// <param name="Release">Which Linux it says it is, or null.</param>
internal abstract record KernelFile(IReadOnlyList<KernelSegment> Segments, GuestPhysical Entry, ulong End, LinuxRelease? Release)
{
    private static ReadOnlySpan<byte> LguestText => "lguest\0"u8;

    /// <summary>Reads a kernel file of any known format.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">How the user calls it, for the message of a refusal.</param>
    /// <param name="store">Kernels that were unpacked before; without it each is unpacked.</param>
    /// <exception cref="RefusedException">The file is no kernel that can run here.</exception>
    public static KernelFile Read(ReadOnlyMemory<byte> file, string name, KernelStore? store = null)
    {
        if (MultibootFile.Find(file.Span) is { } header)
            return MultibootFile.Read(file, header, name);
        if (ElfFile.Looks(file.Span))
            return ElfFile.Read(file, name);
        if (BzImageFile.Looks(file.Span))
            return BzImageFile.Read(file, name, store ?? KernelStore.None);
        if (PackedKernel.IsGzip(file.Span))
        {
            byte[] unpacked = PackedKernel.TryGunzip(file)
                ?? throw new RefusedException(
                    $"kernel {name} is damaged: its gzip data is broken or ends too early; build or copy it again");
            if (MultibootFile.Find(unpacked) is { } inside)
                return MultibootFile.Read(unpacked, inside, name);
            if (ElfFile.Looks(unpacked))
                return ElfFile.Read(unpacked, name);
        }

        throw new RefusedException(file.IsEmpty
            ? $"kernel {name} is an empty file; name an ELF vmlinux or a bzImage"
            : $"{name} is not a kernel: it is neither an ELF vmlinux nor a bzImage; name one of those");
    }

    /// <summary>Decides by what stands in a kernel's bytes which of lguest's interfaces it speaks.</summary>
    /// <param name="release">The Linux release, if the image names one. Kernels that name none are of the first generation if they have its
    /// entry, else of the latest.</param>
    /// <param name="bytes">Where to look for traces of lguest support; empty if the bytes cannot be seen.</param>
    /// <returns>The interface; null for a kernel that wants a PC.</returns>
    public static GuestGeneration? Recognise(LinuxRelease? release, IEnumerable<ReadOnlyMemory<byte>> bytes)
    {
        var seen = bytes.ToList();
        if (release is not { } linux)
            return seen.Exists(part => EntryMarker.IsIn(part.Span)) ? GuestGeneration.Linux2623 : GuestGeneration.Linux3;
        return seen.Count > 0 && !seen.Exists(part => part.Span.IndexOf(LguestText) >= 0) ? null : GuestGeneration.Of(linux);
    }
}
