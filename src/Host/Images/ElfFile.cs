// Reads an ELF vmlinux as lguest's launcher does: each loadable segment goes to its physical address, and the entry point is physical (ABI
// sheet 1.2; System V ABI, Intel386 supplement). The file may be malformed, so each number is checked before use.

using System.Buffers.Binary;
using Lguest.Guest.Memory;

namespace Lguest.Host.Images;

/// <summary>An ELF executable for the i386.</summary>
internal static class ElfFile
{
    private const int HeaderBytes = 52; // Elf32_Ehdr
    private const int ProgramHeaderBytes = 32; // Elf32_Phdr
    private const byte Class32 = 1; // ELFCLASS32
    private const byte Class64 = 2; // ELFCLASS64
    private const byte LittleEndian = 1; // ELFDATA2LSB
    private const ushort Executable = 2; // ET_EXEC
    private const ushort Machine386 = 3; // EM_386
    private const uint Loadable = 1; // PT_LOAD

    /// <summary>Whether the file says that it is ELF.</summary>
    public static bool Looks(ReadOnlySpan<byte> file) => file.StartsWith("\x7F"u8) && file[1..].StartsWith("ELF"u8);

    /// <exception cref="RefusedException">It is ELF, but no kernel for this machine.</exception>
    public static KernelImage Read(ReadOnlyMemory<byte> file, string name)
    {
        var bytes = file.Span;
        if (bytes.Length < HeaderBytes)
            throw Damaged(name, "it ends inside its header");
        if (bytes[4] == Class64)
            throw new RefusedException($"kernel {name} is a 64-bit kernel; a Guest is a 32-bit x86 machine: build the kernel for i386");
        if (bytes[4] != Class32 || bytes[5] != LittleEndian || U16(bytes, 18) != Machine386)
            throw new RefusedException($"{name} is an ELF file for another processor; a Guest needs a kernel built for i386");
        if (U16(bytes, 16) != Executable)
            throw new RefusedException(
                $"{name} is an ELF file but not a kernel: it is not an executable with fixed addresses; name the kernel's vmlinux");
        if (U16(bytes, 42) != ProgramHeaderBytes)
            throw Damaged(name, "its program headers have an invalid size");

        var segments = ReadSegments(file, name);
        LinuxRelease? release = null;
        ulong end = 0;
        var loaded = new ReadOnlyMemory<byte>[segments.Count];
        for (int i = 0; i < loaded.Length; i++)
        {
            loaded[i] = segments[i].Content;
            release ??= LinuxRelease.Find(loaded[i].Span);
            end = Math.Max(end, segments[i].End);
        }

        var generation = KernelImage.Recognise(release, loaded, name);
        if (!generation.IsGeneration1)
            return new KernelImage(segments, new GuestPhysical(U32(bytes, 24)), end, generation, release);
        return new KernelImage(segments, EntryMarker.Find(segments, name), end, generation,
            release)
        { PageOffset = FindPageOffset(bytes, name) };
    }

    private static List<KernelSegment> ReadSegments(ReadOnlyMemory<byte> file, string name)
    {
        var bytes = file.Span;
        ulong headers = U32(bytes, 28);
        uint count = U16(bytes, 44);
        if (headers + ((ulong)count * ProgramHeaderBytes) > (ulong)bytes.Length)
            throw Damaged(name, "its program headers lie outside the file");

        var segments = new List<KernelSegment>();
        for (int i = 0; i < count; i++)
        {
            var header = bytes.Slice((int)headers + (i * ProgramHeaderBytes), ProgramHeaderBytes);
            uint offset = U32(header, 4), fileBytes = U32(header, 16), memoryBytes = U32(header, 20);
            if (U32(header, 0) != Loadable || memoryBytes == 0)
                continue;
            if ((ulong)offset + fileBytes > (ulong)bytes.Length)
                throw Damaged(name, $"segment {i} lies outside the file");
            if (fileBytes > memoryBytes)
                throw Damaged(name, $"segment {i} has more bytes in the file than in memory");
            segments.Add(new KernelSegment(new GuestPhysical(U32(header, 12)), file.Slice((int)offset, (int)fileBytes), memoryBytes));
        }

        return segments.Count > 0 ? segments : throw new RefusedException(
            $"{name} is an ELF file but not a kernel: it has nothing to load");
    }

    /// <summary>The difference between linear and physical addresses, which all segments must have in common (ABI sheet 1.2).</summary>
    private static GuestVirtual FindPageOffset(ReadOnlySpan<byte> bytes, string name)
    {
        int headers = (int)U32(bytes, 28);
        uint? offset = null;
        for (int i = 0; i < U16(bytes, 44); i++)
        {
            var header = bytes[(headers + (i * ProgramHeaderBytes))..];
            if (U32(header, 0) != Loadable || U32(header, 20) == 0)
                continue;
            uint difference = U32(header, 8) - U32(header, 12);
            if (offset is { } before && before != difference)
                throw Damaged(name, "its segments do not agree on where the kernel's addresses begin");
            offset = difference;
        }

        return new GuestVirtual(offset ?? 0);
    }

    private static RefusedException Damaged(string name, string what) =>
        new($"kernel {name} is damaged: {what}; build or copy it again");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
