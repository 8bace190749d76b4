// The page at physical 0 in which a boot loader tells an x86 Linux kernel what it needs to know. The Launcher fills it, the Switcher reads
// where the initial RAM disk lies.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Abi;

/// <summary>Offsets in boot_params and fixed addresses of the lguest boot (ABI sheet 1.1 and 1.5).</summary>
public static class ZeroPage
{
    /// <summary>u8: entries of the e820 map.</summary>
    public const uint E820Count = 0x1e8;

    /// <summary>u16: boot protocol version.</summary>
    public const uint ProtocolVersion = 0x206;

    /// <summary>u8: 0xff when there is an initial RAM disk.</summary>
    public const uint LoaderType = 0x210;

    /// <summary>u8: bit 6 is <see cref="KeepSegments"/>.</summary>
    public const uint LoadFlags = 0x211;

    /// <summary>u32: physical address of the initial RAM disk.</summary>
    public const uint RamdiskImage = 0x218;

    /// <summary>u32: its length, rounded up to pages.</summary>
    public const uint RamdiskSize = 0x21c;

    /// <summary>u32: physical address of the command line.</summary>
    public const uint CommandLinePointer = 0x228;

    /// <summary>u32: alignment that a relocatable kernel keeps.</summary>
    public const uint KernelAlignment = 0x230;

    /// <summary>u32: 1 is lguest.</summary>
    public const uint HardwareSubarchitecture = 0x23c;

    /// <summary>u64 start, u64 size, u32 type: the first e820 entry.</summary>
    public const uint E820Map = 0x2d0;

    /// <summary>LoadFlags: do not reload segment registers.</summary>
    public const byte KeepSegments = 0x40;

    public const ushort ProtocolVersionValue = 0x0207;

    public const uint LguestSubarchitecture = 1;

    /// <summary>Where the command line is put.</summary>
    public static GuestPhysical CommandLine => new(0x1000);
}
