// Where the fields of boot_params are (Linux boot protocol) that lguest's page and a PC's have in common.

namespace Lguest.Launcher.Images;

/// <summary>Byte offsets, and values that both write.</summary>
internal static class BootParamsLayout
{
    public const int E820Count = 0x1e8; // e820_entries
    public const int VersionAt = 0x206; // hdr.version
    public const int LoaderType = 0x210; // hdr.type_of_loader
    public const int LoadFlags = 0x211; // hdr.loadflags
    public const int RamdiskImage = 0x218; // hdr.ramdisk_image
    public const int RamdiskSize = 0x21c; // hdr.ramdisk_size
    public const int CommandLinePointer = 0x228; // hdr.cmd_line_ptr
    public const int KernelAlignment = 0x230; // hdr.kernel_alignment
    public const int E820Map = 0x2d0; // e820_table[0]

    /// <summary>A boot loader without a number of its own.</summary>
    public const byte UnknownLoader = 0xff;

    /// <summary>The alignment that a kernel is told.</summary>
    public const uint Alignment = 0x1000000;
}
