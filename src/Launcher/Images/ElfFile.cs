// Reads an ELF vmlinux as lguest's launcher does: each loadable segment goes to its physical address, and the entry point is physical (ABI
// sheet 1.2; System V ABI, Intel386 supplement). A PC needs no more; a note may name a second entry for virtual machines (PC board sheet
// 4.5). The file may be malformed, so each number is checked before use.

using System.Buffers.Binary;
using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

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
    private const uint Notes = 4; // PT_NOTE
    private const int NoteHeaderBytes = 12; // Elf32_Nhdr
    private const uint PvhNote = 18; // XEN_ELFNOTE_PHYS32_ENTRY

    /// <summary>Whether the file says that it is ELF.</summary>
    public static bool Looks(ReadOnlySpan<byte> file) => file.StartsWith("\x7F"u8) && file[1..].StartsWith("ELF"u8);

    /// <exception cref="RefusedException">It is ELF, but no kernel for this machine.</exception>
    public static KernelFile Read(ReadOnlyMemory<byte> file, string name)
    {
        var bytes = file.Span;
        CheckHeader(bytes, name);
        var segments = ReadSegments(file, name);
        var loaded = segments.Select(segment => segment.Content).ToList();
        var release = loaded.Select(content => LinuxRelease.Find(content.Span)).FirstOrDefault(found => found is not null);
        var pvh = FindPvhEntry(bytes, segments);
        if ((release is null && pvh is not null) || KernelFile.Recognise(release, loaded) is not { } generation)
            return MakePc(bytes, segments, release, pvh, name);
        ulong end = segments.Max(segment => segment.End);
        if (!generation.IsGeneration1)
            return new KernelImage(segments, new GuestPhysical(U32(bytes, 24)), end, generation, release);
        return new KernelImage(segments, EntryMarker.Find(segments, name), end, generation,
            release)
        { PageOffset = FindPageOffset(bytes, name) };
    }

    /// <summary>Reads the kernel that came out of a bzImage for a PC.</summary>
    /// <exception cref="RefusedException">It is ELF, but no kernel for this machine.</exception>
    public static PcKernel ReadPc(ReadOnlyMemory<byte> file, LinuxRelease? release, string name)
    {
        CheckHeader(file.Span, name);
        var segments = ReadSegments(file, name);
        return MakePc(file.Span, segments, release, FindPvhEntry(file.Span, segments), name);
    }

    /// <summary>Reads a Multiboot kernel that leaves it to ELF where it goes. Its entry may be a linear address, which linkers write there
    /// for a kernel that runs elsewhere than it is loaded.</summary>
    /// <exception cref="RefusedException">It is ELF, but no kernel for this machine.</exception>
    public static MultibootKernel ReadMultiboot(ReadOnlyMemory<byte> file, string name)
    {
        CheckHeader(file.Span, name);
        var segments = ReadSegments(file, name);
        ulong end = segments.Max(segment => segment.End);
        if (end > 1UL << 32)
            throw Damaged(name, "a segment ends above 4 GB");
        GuestPhysical entry = new(U32(file.Span, 24));
        return segments.Exists(segment => segment.Holds(entry)) ? new MultibootKernel(segments, entry, end)
            : FromLinear(file.Span, entry.Value) is { } physical ? new MultibootKernel(segments, physical, end)
            : throw Damaged(name, $"its entry point 0x{entry.Value:x} lies outside the image");
    }

    private static GuestPhysical? FromLinear(ReadOnlySpan<byte> bytes, uint linear)
    {
        int headers = (int)U32(bytes, 28);
        for (int i = 0; i < U16(bytes, 44); i++)
        {
            var header = bytes[(headers + (i * ProgramHeaderBytes))..];
            uint offset = linear - U32(header, 8);
            if (U32(header, 0) == Loadable && offset < U32(header, 16))
                return new GuestPhysical(U32(header, 12) + offset);
        }

        return null;
    }

    private static PcKernel MakePc(
        ReadOnlySpan<byte> bytes, List<KernelSegment> segments, LinuxRelease? release, GuestPhysical? pvh, string name)
    {
        GuestPhysical entry = new(U32(bytes, 24));
        ulong end = segments.Max(segment => segment.End);
        if (end > 1UL << 32)
            throw Damaged(name, "a segment ends above 4 GB");
        if (!segments.Exists(segment => segment.Holds(entry)))
            throw Damaged(name, $"its entry point 0x{entry.Value:x} lies outside the image");
        return new PcKernel(segments, entry, end, release) { PvhEntry = pvh };
    }

    private static void CheckHeader(ReadOnlySpan<byte> bytes, string name)
    {
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

    /// <summary>The entry that a note of Xen's names, if it lies in the kernel. A note that is cut short names nothing.</summary>
    private static GuestPhysical? FindPvhEntry(ReadOnlySpan<byte> bytes, List<KernelSegment> segments)
    {
        int headers = (int)U32(bytes, 28);
        for (int i = 0; i < U16(bytes, 44); i++)
        {
            var header = bytes[(headers + (i * ProgramHeaderBytes))..];
            ulong offset = U32(header, 4), length = U32(header, 16);
            if (U32(header, 0) != Notes || offset + length > (ulong)bytes.Length)
                continue;
            for (var notes = bytes.Slice((int)offset, (int)length); notes.Length >= NoteHeaderBytes;)
            {
                ulong name = U32(notes, 0), description = U32(notes, 4);
                ulong at = NoteHeaderBytes + ((name + 3) & ~3UL), next = at + ((description + 3) & ~3UL);
                if (next > (ulong)notes.Length)
                    break;
                if (U32(notes, 8) == PvhNote && description >= sizeof(uint) && notes[NoteHeaderBytes..].StartsWith("Xen\0"u8)
                    && new GuestPhysical(U32(notes, (int)at)) is var entry && segments.Exists(segment => segment.Holds(entry)))
                    return entry;
                notes = notes[(int)next..];
            }
        }

        return null;
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
