// Reads a kernel that any boot loader can load: a header in its first 8 KiB says so, and where its bytes go, unless it is an ELF file, in
// which that is said anyway (Multiboot Specification 0.6.96, 3.1). Bare programs and kernels that are no Linux are made so. The file may
// be malformed, so each number is checked before use.

using System.Buffers.Binary;
using Lguest.Devices;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>A file with a Multiboot header.</summary>
internal static class MultibootFile
{
    private const uint Magic = 0x1badb002;
    private const int SearchedBytes = 8192;
    private const int ShortHeader = 12;
    private const int AddressHeader = 32;
    private const uint Needs = 0xffff; // what a loader has to understand, or refuse
    private const uint Given = 3; // modules at page boundaries, and the size of memory: every kernel gets both
    private const uint VideoMode = 4;
    private const uint HasAddresses = 1 << 16;

    /// <summary>Where the header is; null for a file without one.</summary>
    public static int? Find(ReadOnlySpan<byte> file)
    {
        int end = Math.Min(file.Length, SearchedBytes);
        for (int at = 0; at + ShortHeader <= end; at += sizeof(uint))
            if (U32(file, at) == Magic && Magic + U32(file, at + 4) + U32(file, at + 8) == 0)
                return at;
        return null;
    }

    /// <param name="file">The whole file.</param>
    /// <param name="at">Where its header is.</param>
    /// <param name="name">How the user calls it.</param>
    /// <exception cref="RefusedException">It wants what there is not, or its numbers are wrong.</exception>
    public static MultibootKernel Read(ReadOnlyMemory<byte> file, int at, string name)
    {
        uint flags = U32(file.Span, at + 4);
        if ((flags & Needs & ~Given) == VideoMode)
            throw new RefusedException($"kernel {name} wants a video mode, and a Guest has no screen; build it for a serial console");
        if ((flags & Needs & ~Given) != 0)
            throw new RefusedException($"kernel {name} wants what no boot loader of Multiboot 0.6.96 has: flags 0x{flags:x}; build it for "
                + "that version");
        if ((flags & HasAddresses) != 0)
            return ReadFlat(file, at, name);
        return ElfFile.Looks(file.Span) ? ElfFile.ReadMultiboot(file, name)
            : throw Damaged(name, "its Multiboot header gives no addresses, and it is no ELF file");
    }

    /// <summary>A file of one piece, whose place is in its header.</summary>
    private static MultibootKernel ReadFlat(ReadOnlyMemory<byte> file, int at, string name)
    {
        var bytes = file.Span;
        if (at + AddressHeader > Math.Min(bytes.Length, SearchedBytes))
            throw Damaged(name, "it ends inside its Multiboot header");
        uint header = U32(bytes, at + 12), load = U32(bytes, at + 16), loadEnd = U32(bytes, at + 20);
        uint clearEnd = U32(bytes, at + 24), entry = U32(bytes, at + 28);
        if (load > header || header - load > (uint)at)
            throw Damaged(name, "the addresses in its Multiboot header do not fit its place in the file");
        uint start = (uint)at - (header - load);
        uint length = loadEnd == 0 ? (uint)bytes.Length - start : loadEnd - load;
        if ((loadEnd != 0 && loadEnd <= load) || (ulong)start + length > (ulong)bytes.Length)
            throw Damaged(name, "what its Multiboot header says is to be loaded lies outside the file");
        ulong end = (ulong)load + length;
        if ((clearEnd != 0 && clearEnd < end) || end > 1UL << 32)
            throw Damaged(name, "its Multiboot header says that it ends before what is loaded");
        uint memoryBytes = clearEnd == 0 ? length : clearEnd - load;
        KernelSegment segment = new(new GuestPhysical(load), file.Slice((int)start, (int)length), memoryBytes);
        if (!segment.Holds(new GuestPhysical(entry)))
            throw Damaged(name, $"its entry point 0x{entry:x} lies outside the image");
        return new MultibootKernel([segment], new GuestPhysical(entry), segment.End);
    }

    private static RefusedException Damaged(string name, string what) =>
        new($"kernel {name} is damaged: {what}; build or copy it again");

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
