// The resources of the PCI root bridge as ACPI spells them. Linux gives out no window that is not named here.

using System.Buffers.Binary;

namespace Lguest.Pc.Acpi;

/// <summary>Resource descriptors (ACPI specification, "Resource Data Types for ACPI").</summary>
internal static class AcpiResources
{
    private const byte MemoryRange = 0;
    private const byte PortRange = 1;
    private const byte BusRange = 2;

    private const byte MinimumAndMaximumFixed = 0x0C;
    private const byte EntireRange = 0x03;
    private const byte ReadWrite = 0x01;

    /// <summary>Bus 0, all ports but the configuration registers, which are the bridge's own, and a range of memory.</summary>
    public static byte[] RootBridge(uint firstMmio, uint lastMmio) =>
    [
        .. Word(BusRange, 0, 0, 0),
        0x47, 0x01, 0xF8, 0x0C, 0xF8, 0x0C, 0x01, 0x08, // IO (Decode16, CF8h, CF8h, 1, 8)
        .. Word(PortRange, EntireRange, 0x0000, 0x0CF7),
        .. Word(PortRange, EntireRange, 0x0D00, 0xFFFF),
        .. Double(MemoryRange, ReadWrite, firstMmio, lastMmio),
        0x79, 0x00, // the end, without a checksum
    ];

    private static byte[] Word(byte kind, byte flags, ushort first, ushort last)
    {
        byte[] bytes = [0x88, 13, 0, kind, MinimumAndMaximumFixed, flags, .. new byte[10]];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), first);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), last);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)(last - first + 1));
        return bytes;
    }

    private static byte[] Double(byte kind, byte flags, uint first, uint last)
    {
        byte[] bytes = [0x87, 23, 0, kind, MinimumAndMaximumFixed, flags, .. new byte[20]];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(10), first);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(14), last);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(22), last - first + 1);
        return bytes;
    }
}
