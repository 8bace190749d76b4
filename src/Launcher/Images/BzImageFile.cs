// Reads a bzImage: a real-mode part that no Guest runs, with a setup header, and a self-extracting kernel that is loaded at 1 MB and
// unpacks itself as Guest code (ABI sheet 1.3; Linux boot protocol). The packed kernel is unpacked here as well: to tell which kind it is,
// to refuse at once a kernel that cannot boot, and because a PC Guest is spared the work (PC board sheet 4.2).

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images.Packed;

namespace Lguest.Launcher.Images;

/// <summary>A compressed Linux kernel with a setup header.</summary>
internal static class BzImageFile
{
    private const uint LoadAddress = 0x100000;
    private const int SmallestHeader = 0x268;
    private const int SectorBytes = 512;
    private const int SetupSectors = 0x1f1; // setup_sects
    private const int SystemSize = 0x1f4; // syssize, in paragraphs of 16 bytes
    private const int ParagraphBytes = 16;
    private const int Magic = 0x202; // header
    private const int ProtocolVersion = 0x206; // version
    private const int VersionText = 0x20e; // kernel_version, relative to 0x200
    private const int LoadFlags = 0x211; // loadflags, bit 0 LOADED_HIGH
    private const int Code32Start = 0x214; // code32_start
    private const int XLoadFlags = 0x236; // xloadflags, bit 0 XLF_KERNEL_64
    private const int PayloadOffset = 0x248; // payload_offset, in the part that is loaded
    private const int PayloadLength = 0x24c; // payload_length
    private const int PreferredAddress = 0x258; // pref_address
    private const int InitialSize = 0x260; // init_size
    private const int HeaderStart = 0x1f1;
    private const int HeaderLength = 0x201; // the operand of the jump over the header, which counts from the byte after it
    private const int LastHeader = 0x290; // where boot_params has other things
    private const int LongestVersion = 128;

    /// <summary>Whether the file has a setup header.</summary>
    public static bool Looks(ReadOnlySpan<byte> file) => file.Length >= Magic + 4 && file[Magic..].StartsWith("HdrS"u8);

    /// <exception cref="RefusedException">It has a setup header, but is no kernel for this machine.</exception>
    public static KernelFile Read(ReadOnlyMemory<byte> file, string name, KernelStore store)
    {
        var bytes = file.Span;
        if (bytes.Length < SmallestHeader)
            throw Damaged(name, "it ends inside its setup header");
        ushort protocol = U16(bytes, ProtocolVersion);
        if (protocol < 0x0204 || (bytes[LoadFlags] & 1) == 0)
            throw new RefusedException($"kernel {name} is too old or a zImage, which loads low; build a bzImage of Linux 2.6.23 or later");

        int start = ((bytes[SetupSectors] == 0 ? 4 : bytes[SetupSectors]) + 1) * SectorBytes;
        if (start >= bytes.Length)
            throw Damaged(name, "it ends inside its real-mode part");
        var payload = file[start..];

        // A file that is cut short still starts and has its header; what would be missed is in the part that is gone. Old linkers count the
        // last paragraph without filling it.
        ulong wanted = U32(bytes, SystemSize) * (ulong)ParagraphBytes;
        if ((ulong)payload.Length + ParagraphBytes <= wanted)
            throw Damaged(name, $"it has only {bytes.Length} of {(ulong)start + wanted} bytes");
        uint entry = U32(bytes, Code32Start);
        if (entry < LoadAddress || entry - LoadAddress >= payload.Length)
            throw Damaged(name, "its entry point lies outside the image");

        var packed = FindPacked(bytes, protocol, payload);
        byte[] unpacked = store.TryUnpack(packed) ?? SearchGzip(payload);
        if ((protocol >= 0x020c && (bytes[XLoadFlags] & 1) != 0) || (ElfFile.Looks(unpacked) && unpacked.Length > 4 && unpacked[4] == 2))
            throw new RefusedException($"kernel {name} is a 64-bit kernel; a Guest is a 32-bit x86 machine: build the kernel for i386");
        if (unpacked.Length == 0 && !packed.IsEmpty)
            throw Damaged(name, "the kernel inside it cannot be unpacked");
        var release = ReadRelease(bytes) ?? LinuxRelease.Find(unpacked);
        var visible = unpacked.Length > 0 ? new[] { new ReadOnlyMemory<byte>(unpacked) } : [];
        KernelSegment[] segments = [new KernelSegment(new GuestPhysical(LoadAddress), payload, (uint)payload.Length)];
        var (start32, end) = (new GuestPhysical(entry), End(bytes, protocol, payload.Length, unpacked.Length));
        return KernelFile.Recognise(release, visible) switch
        {
            { IsGeneration1: true } when release is { } linux => ReadUnpacked(unpacked, linux, name),
            { } generation => new KernelImage(segments, start32, end, generation, release)
            {
                InitialBytes = protocol >= 0x020a ? U32(bytes, InitialSize) : 0,
            },
            null => MakePc(new PcKernel(segments, start32, end, release) { SetupHeader = CopyHeader(bytes) }, unpacked, name),
        };
    }

    /// <summary>The kernel inside an image, as an ELF file; the image itself where it holds none that can be unpacked here.</summary>
    public static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> file)
    {
        if (!Looks(file.Span) || file.Length < SmallestHeader)
            return file;
        int start = ((file.Span[SetupSectors] == 0 ? 4 : file.Span[SetupSectors]) + 1) * SectorBytes;
        var payload = start < file.Length ? file[start..] : default;
        byte[]? unpacked = PackedKernel.TryUnpack(FindPacked(file.Span, U16(file.Span, ProtocolVersion), payload));
        return ElfFile.Looks(unpacked) ? unpacked : file;
    }

    /// <summary>A PC kernel is started unpacked. Long ago, what was packed was no ELF: then it is left to the Guest.</summary>
    private static PcKernel MakePc(PcKernel packed, byte[] unpacked, string name) => ElfFile.Looks(unpacked)
        ? ElfFile.ReadPc(unpacked, packed.Release, name) with { SetupHeader = packed.SetupHeader, Packed = packed }
        : packed;

    private static ImmutableArray<byte> CopyHeader(ReadOnlySpan<byte> bytes)
    {
        int end = Math.Min(HeaderLength + 1 + bytes[HeaderLength], LastHeader);
        return [.. bytes[HeaderStart..Math.Min(end, bytes.Length)]];
    }

    /// <summary>The packed kernel, where the header tells its place (protocol 2.08) and it is packed in a known way; otherwise
    /// nothing.</summary>
    private static ReadOnlyMemory<byte> FindPacked(ReadOnlySpan<byte> bytes, ushort protocol, ReadOnlyMemory<byte> payload)
    {
        uint offset = U32(bytes, PayloadOffset), length = U32(bytes, PayloadLength);
        return protocol >= 0x0208 && (ulong)offset + length <= (ulong)payload.Length
            && payload.Slice((int)offset, (int)length) is var packed && PackedKernel.Looks(packed.Span) ? packed : default;
    }

    /// <summary>A kernel of generation 1 is not given the chance to unpack itself: the Launcher does it, and finds the entry (ABI sheet
    /// 1.3).</summary>
    private static KernelImage ReadUnpacked(byte[] unpacked, LinuxRelease release, string name)
    {
        if (unpacked.Length == 0)
            throw Damaged(name, "the kernel inside it cannot be unpacked");
        KernelSegment[] segments = [new KernelSegment(new GuestPhysical(LoadAddress), unpacked, (uint)unpacked.Length)];
        return new KernelImage(
            segments, EntryMarker.Find(segments, name), LoadAddress + (ulong)unpacked.Length, GuestGeneration.Linux2623, release)
        {
            PageOffset = EntryMarker.GuessPageOffset(unpacked, name),
        };
    }

    private static LinuxRelease? ReadRelease(ReadOnlySpan<byte> bytes)
    {
        int at = U16(bytes, VersionText) + 0x200;
        if (at == 0x200 || at >= bytes.Length)
            return null;
        return LinuxRelease.Parse(bytes.Slice(at, Math.Min(LongestVersion, bytes.Length - at)));
    }

    /// <summary>What the kernel says it needs from protocol 2.10 on; before, room for itself packed and unpacked.</summary>
    private static ulong End(ReadOnlySpan<byte> bytes, ushort protocol, int packed, int unpacked)
    {
        ulong least = LoadAddress + (ulong)packed + (ulong)unpacked;
        if (protocol < 0x020a)
            return least;
        ulong wanted = BinaryPrimitives.ReadUInt64LittleEndian(bytes[PreferredAddress..]) + U32(bytes, InitialSize);
        return wanted < 1UL << 32 ? Math.Max(LoadAddress + (ulong)packed, wanted) : least;
    }

    /// <summary>The kernel inside an image that does not tell where, if it is packed with gzip and unpacks; otherwise nothing.</summary>
    private static byte[] SearchGzip(ReadOnlyMemory<byte> payload)
    {
        int from = 0;
        for (int tries = 0; tries < 16; tries++)
        {
            int at = payload.Span[from..].IndexOf((ReadOnlySpan<byte>)[0x1f, 0x8b, 0x08]);
            if (at < 0)
                break;
            from += at;
            if (TryGunzip(payload[from..]) is { } unpacked)
                return unpacked;
            from++;
        }

        return [];
    }

    private static byte[]? TryGunzip(ReadOnlyMemory<byte> packed)
    {
        using var source = new MemoryStream(packed.ToArray(), writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        byte[] part = new byte[1 << 16];
        try
        {
            int got;
            while ((got = gzip.Read(part)) > 0 && unpacked.Length < PackedKernel.Largest)
                unpacked.Write(part, 0, got);
        }
        catch (InvalidDataException)
        {
            // What follows the packed kernel in the image is taken by the stream for a second member but is not one: what came before it
            // counts.
        }

        return unpacked.Length > packed.Length / 2 ? unpacked.ToArray() : null;
    }

    private static RefusedException Damaged(string name, string what) =>
        new($"kernel {name} is damaged: {what}; build or copy it again");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
