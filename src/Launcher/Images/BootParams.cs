// The page in which a boot loader describes a PC to a Linux kernel (boot_params; Linux boot protocol, PC board sheet 4.4), with the list of
// further data that it points to. lguest's page is a poorer relative, with other fields: see ZeroPage.

using System.Buffers.Binary;
using System.Collections.Immutable;
using static Lguest.Launcher.Images.BootParamsLayout;

namespace Lguest.Launcher.Images;

/// <summary>Makes boot_params.</summary>
/// <param name="header">The setup header of the kernel's bzImage, from 0x1f1 on; empty for a kernel without one.</param>
internal sealed class BootParams(ImmutableArray<byte> header)
{
    /// <summary>Where the page goes.</summary>
    public const uint Address = 0x10000;

    /// <summary>Where the first of the further data goes.</summary>
    public const uint SetupDataAddress = 0x40000;

    private const int PageBytes = 4096;
    private const int HeaderStart = 0x1f1; // hdr
    private const int BootFlag = 0x1fe; // hdr.boot_flag
    private const int Magic = 0x202; // hdr.header
    private const int HighestInitrdAddress = 0x22c; // hdr.initrd_addr_max
    private const int CommandLineSize = 0x238; // hdr.cmdline_size
    private const int SetupData = 0x250; // hdr.setup_data
    private const int E820Bytes = 20;

    private const byte LoadedHigh = 1;
    private const ushort NewestProtocol = 0x020f;
    private const int NodeBytes = 16; // next, type, length
    private const uint RngSeed = 9; // SETUP_RNG_SEED

    private const uint SoonestHighestInitrd = 0x37ffffff; // of protocols before 2.03
    private const int OldCommandLine = 255; // of protocols before 2.06
    private const int NewCommandLine = 2047;

    private ushort Protocol => header.IsEmpty ? NewestProtocol : (ushort)Field(VersionAt, 2);

    /// <summary>Bytes of command line that the kernel reads, without the final NUL.</summary>
    public int LongestCommandLine => header.IsEmpty ? NewCommandLine
        : Protocol < 0x0206 ? OldCommandLine
        : (int)Math.Min(Field(CommandLineSize, 4), NewCommandLine);

    /// <summary>The last physical address that an initrd may have.</summary>
    public uint HighestInitrd => header.IsEmpty || Protocol < 0x0203 ? SoonestHighestInitrd : Field(HighestInitrdAddress, 4);

    /// <summary>Whether the kernel looks for further data (protocol 2.09).</summary>
    public bool KnowsSetupData => Protocol >= 0x0209;

    /// <summary>Makes the page.</summary>
    public byte[] Make(ImmutableArray<PcMemoryRange> map, uint commandLine, uint initrdAddress, uint initrdBytes, bool hasSetupData)
    {
        byte[] page = new byte[PageBytes];
        if (header.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(BootFlag), 0xaa55);
            "HdrS"u8.CopyTo(page.AsSpan(Magic));
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(VersionAt), NewestProtocol);
            Put(page, KernelAlignment, Alignment);
        }

        header.CopyTo(page, HeaderStart);
        page[LoaderType] = UnknownLoader;
        page[LoadFlags] |= LoadedHigh;
        Put(page, RamdiskImage, initrdAddress);
        Put(page, RamdiskSize, initrdBytes);
        Put(page, CommandLinePointer, commandLine);
        if (KnowsSetupData)
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(SetupData), hasSetupData ? SetupDataAddress : 0);

        page[E820Count] = (byte)map.Length;
        for (int i = 0; i < map.Length; i++)
        {
            var entry = page.AsSpan(E820Map + (i * E820Bytes));
            BinaryPrimitives.WriteUInt64LittleEndian(entry, map[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], map[i].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], map[i].Type);
        }

        return page;
    }

    /// <summary>Makes the one further datum that a Guest gets: random bytes, without which it spends long collecting some.</summary>
    public static byte[] MakeSeed(ReadOnlySpan<byte> seed)
    {
        byte[] node = new byte[NodeBytes + seed.Length];
        Put(node, 8, RngSeed);
        Put(node, 12, (uint)seed.Length);
        seed.CopyTo(node.AsSpan(NodeBytes));
        return node;
    }

    /// <summary>A field of the header; what lies behind its end is 0.</summary>
    private uint Field(int at, int bytes)
    {
        uint value = 0;
        for (int i = bytes - 1; i >= 0; i--)
            value = (value << 8) | (at - HeaderStart + i < header.Length ? header[at - HeaderStart + i] : 0u);
        return value;
    }

    private static void Put(byte[] into, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(into.AsSpan(at), value);
}
