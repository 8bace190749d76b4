// The least that ACPI can be: enough for a kernel to switch its machine off and to reset it in order. What is left out on purpose: no table
// of interrupt controllers, so a kernel stays with the 8259 pair; no power management timer, and no general events. What must not be left
// out: once there is ACPI, Linux looks for PCI there alone (pci_acpi_init) and believes its interrupts before the line registers, so the
// bus, its windows and its interrupts are told.

using System.Buffers.Binary;
using System.Text;
using Lguest.Pc.Chips;

namespace Lguest.Pc.Acpi;

/// <summary>Root pointer, RSDT, FADT, FACS and DSDT (ACPI specification 3.0).</summary>
public static class AcpiTables
{
    /// <summary>Where the tables lie: kernels search the last 128 KiB below 1 MiB for the root pointer.</summary>
    public const uint Address = 0xF0000;

    private const int HeaderSize = 36;
    private const int RootPointerSize = 20;
    private const int FixedSize = 244;
    private const int FacsSize = 64;
    private const byte IoSpace = 1;

    private const byte Century = 0x32;
    private const ushort NoDeepSleep2 = 101;  // microseconds: more than 100 means no C2 state
    private const ushort NoDeepSleep3 = 1001; // more than 1000: no C3

    /// <summary>IAPC_BOOT_ARCH: legacy devices, no VGA, no MSI, no ASPM; and, by its absence, no keyboard controller.</summary>
    private const ushort BootArchitecture = 0x001D;

    /// <summary>WBINVD works, HLT is an idle state, no sleep button, no clock wake-up, a reset register.</summary>
    private const uint Flags = 0x0000_0465;

    //J:Boards:260 The power switch
    // Switching off needs more paper than any other device. A kernel looks for eight letters at a multiple of sixteen below one megabyte,
    // follows addresses from table to table, checks the sums, and interprets a program in the last of them to learn which three bits to
    // write to which port. A table that it finds makes it believe in the next one, so as few as possible are here, and what one of them
    // implies (a bus, a routing of interrupts) is told in full.

    /// <summary>The tables as one piece of memory, to be put at <paramref name="address"/>.</summary>
    public static byte[] Build(AcpiPlan plan, uint address = Address)
    {
        // The firmware control structure wants an address that 64 divides.
        const int facsAt = 64;
        const int rsdtAt = facsAt + FacsSize;
        const int fixedAt = rsdtAt + 64;
        const int dsdtAt = fixedAt + 256;
        byte[] dsdt = Table("DSDT", 2, Namespace(plan));
        byte[] image = new byte[dsdtAt + dsdt.Length];

        RootPointer(address + rsdtAt).CopyTo(image, 0);
        FirmwareControl().CopyTo(image, facsAt);
        byte[] entry = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, address + fixedAt);
        Table("RSDT", 1, entry).CopyTo(image, rsdtAt);
        Table("FACP", 3, Fixed(address + facsAt, address + dsdtAt)).CopyTo(image, fixedAt);
        dsdt.CopyTo(image, dsdtAt);
        return image;
    }

    private static byte[] RootPointer(uint rsdt)
    {
        byte[] bytes = new byte[RootPointerSize];
        Encoding.ASCII.GetBytes("RSD PTR ").CopyTo(bytes, 0);
        Encoding.ASCII.GetBytes("LGUEST").CopyTo(bytes, 9);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), rsdt);
        bytes[8] = Checksum(bytes);
        return bytes;
    }

    private static byte[] FirmwareControl()
    {
        byte[] bytes = new byte[FacsSize];
        Encoding.ASCII.GetBytes("FACS").CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), FacsSize);
        bytes[32] = 1; // version
        return bytes;
    }

    /// <summary>The FADT without its header; offsets below are the specification's, which count it.</summary>
    private static byte[] Fixed(uint facs, uint dsdt)
    {
        byte[] whole = new byte[FixedSize];
        Span<byte> bytes = whole;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[36..], facs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], dsdt);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[46..], SystemControl.PowerIrq);
        // SMI_CMD at 48 is 0: the machine is in ACPI mode from the start.
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[56..], SystemControl.PowerEventPort);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[64..], SystemControl.PowerControlPort);
        bytes[88] = 4; // bytes of the event block
        bytes[89] = 2; // bytes of the control block
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[96..], NoDeepSleep2);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[98..], NoDeepSleep3);
        bytes[108] = Century;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[109..], BootArchitecture);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[112..], Flags);
        IoAddress(bytes[116..], SystemControl.ResetPort, bytes: 1);
        bytes[128] = SystemControl.ResetValue;
        IoAddress(bytes[148..], SystemControl.PowerEventPort, bytes: 4);
        IoAddress(bytes[172..], SystemControl.PowerControlPort, bytes: 2);
        return whole[HeaderSize..];
    }

    /// <summary>A generic address structure.</summary>
    private static void IoAddress(Span<byte> at, ushort port, byte bytes)
    {
        at[0] = IoSpace;
        at[1] = (byte)(8 * bytes);
        at[3] = (byte)(bytes == 4 ? 3 : bytes); // access size: byte, word, doubleword
        BinaryPrimitives.WriteUInt64LittleEndian(at[4..], port);
    }

    private static byte[] Namespace(AcpiPlan plan) => new AmlWriter()
        .Name("\\_S5_").Package(4, off => off
            .Integer(SystemControl.SleepTypeOff).Integer(SystemControl.SleepTypeOff).Integer(0).Integer(0))
        .Scope("\\_SB_", bus => bus.Device("PCI0", root => root
            .Name("_HID").EisaId("PNP0A03")
            .Name("_CRS").Buffer(AcpiResources.RootBridge(plan.FirstMmio, plan.LastMmio))
            .Name("_PRT").Package(plan.Interrupts.Count, routes =>
            {
                foreach (var (device, irq) in plan.Interrupts)
                    routes.Package(4, route => route.Integer(((uint)device << 16) | 0xFFFF).Integer(0).Integer(0).Integer((uint)irq));
            })))
        .ToArray();

    /// <summary>A body with the header that all tables but the FACS have.</summary>
    private static byte[] Table(string signature, byte revision, byte[] body)
    {
        byte[] bytes = new byte[HeaderSize + body.Length];
        Encoding.ASCII.GetBytes(signature).CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)bytes.Length);
        bytes[8] = revision;
        Encoding.ASCII.GetBytes("LGUESTLGUESTPC").CopyTo(bytes, 10);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), 1);
        Encoding.ASCII.GetBytes("LGST").CopyTo(bytes, 28);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), 1);
        body.CopyTo(bytes, HeaderSize);
        bytes[9] = Checksum(bytes);
        return bytes;
    }

    /// <summary>What makes the bytes add up to 0.</summary>
    private static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte one in bytes)
            sum += one;
        return (byte)-sum;
    }
}
