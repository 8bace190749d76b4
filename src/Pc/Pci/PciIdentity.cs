// Who a PCI function says it is: what a kernel looks a driver up by.

namespace Lguest.Pc.Pci;

/// <summary>The identifying registers of a function.</summary>
/// <param name="Vendor">Register 00h.</param>
/// <param name="Device">Register 02h.</param>
/// <param name="ClassCode">Registers 09h-0Bh: class, subclass and interface, 24 bits.</param>
/// <param name="Revision">Register 08h.</param>
/// <param name="SubsystemVendor">Register 2Ch.</param>
/// <param name="Subsystem">Register 2Eh.</param>
public readonly record struct PciIdentity(
    ushort Vendor, ushort Device, uint ClassCode, byte Revision = 0, ushort SubsystemVendor = 0, ushort Subsystem = 0)
{
    /// <summary>The bridge from the processor to the bus. Linux trusts configuration mechanism 1 only if bus 0 has such a class, a display
    /// or a known vendor (pci_sanity_check). The number is the one that small virtual machines use: no kernel has a quirk for it.</summary>
    public static PciIdentity HostBridge => new(0x8086, 0x0D57, 0x060000);
}
