// The zero page (Linux boot_params), through which a boot loader describes the machine to a 32-bit kernel. lguest's launcher sets only a
// few fields, since there is no BIOS; the offsets are in the ABI sheet, section 1.5.

using System.Buffers.Binary;
using static Lguest.Launcher.Images.BootParamsLayout;

namespace Lguest.Launcher.Images;

/// <summary>What a kernel is told at boot.</summary>
internal static class ZeroPage
{
    /// <summary>Guest-physical address of the command line; its page follows the zero page.</summary>
    public const uint CommandLineAddress = 0x1000;

    /// <summary>Bytes of command line that a kernel copies, with the final NUL.</summary>
    public const int CommandLineBytes = 2048;

    /// <summary>Guest-physical address after zero page and command line.</summary>
    public const uint End = 0x2000;

    private const int HardwareSubarch = 0x23c; // hdr.hardware_subarch
    private const int InitialSize = 0x260; // hdr.init_size

    private const ushort ProtocolVersion = 0x0207;
    private const byte KeepSegments = 0x40;
    private const uint SubarchLguest = 1;
    private const uint E820Ram = 1;

    /// <summary>Writes the fields that an lguest launcher sets; the page must be zero before.</summary>
    /// <param name="page">The 4096 bytes at Guest-physical 0.</param>
    /// <param name="ramBytes">Guest RAM: the one e820 entry ends there, and so does the kernel's idea of memory.</param>
    /// <param name="initrdAddress">Guest-physical address of the initrd, 0 without one.</param>
    /// <param name="initrdBytes">Its length in whole pages, 0 without one.</param>
    /// <param name="initialBytes">What a packed kernel's own header says it needs, 0 for any other. lguest's launcher does not tell it, so
    /// a packed kernel of 4.7 and later could not boot there: it moved itself over itself.</param>
    /// <param name="old">2.6.23: without version, flags and alignment, which came later.</param>
    public static void Write(Span<byte> page, uint ramBytes, uint initrdAddress, uint initrdBytes, uint initialBytes, bool old = false)
    {
        page[E820Count] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(page[E820Map..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(page[(E820Map + 8)..], ramBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(page[(E820Map + 16)..], E820Ram);
        if (!old)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(page[VersionAt..], ProtocolVersion);
            page[LoadFlags] |= KeepSegments;
            BinaryPrimitives.WriteUInt32LittleEndian(page[KernelAlignment..], Alignment);
            BinaryPrimitives.WriteUInt32LittleEndian(page[InitialSize..], initialBytes);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(page[CommandLinePointer..], CommandLineAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(page[HardwareSubarch..], SubarchLguest);
        if (initrdBytes == 0)
            return;
        page[LoaderType] = UnknownLoader;
        BinaryPrimitives.WriteUInt32LittleEndian(page[RamdiskImage..], initrdAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(page[RamdiskSize..], initrdBytes);
    }
}
