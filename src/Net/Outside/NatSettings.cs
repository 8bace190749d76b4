// The addresses of a way out on its lan. It leads to the Host's own network, as far as a program without rights can use it.

using System.Globalization;
using Lguest.Net.Frames;

namespace Lguest.Net.Outside;

/// <summary>Addresses of a network address translation on a lan, each as a number: 10.0.2.2 is 0x0A000202.</summary>
/// <param name="Network">The lan's subnet, host part zero.</param>
/// <param name="Bits">Length of its prefix, 8 to 29.</param>
/// <param name="Gateway">Where Guests send what is for elsewhere; connections to it go to this machine's loopback.</param>
/// <param name="NameServer">Answers DNS with what this machine's resolver says.</param>
/// <param name="FirstLease">The first of the addresses that DHCP gives away, of which there are sixteen.</param>
public sealed record NatSettings(uint Network, int Bits, uint Gateway, uint NameServer, uint FirstLease)
{
    private const uint Leases = 16;

    /// <summary>The addresses that QEMU's user network has made familiar: 10.0.2.0/24, gateway 10.0.2.2, DNS 10.0.2.3, leases from
    /// 10.0.2.15.</summary>
    public static NatSettings Usual { get; } = new(0x0A000200, 24, 0x0A000202, 0x0A000203, 0x0A00020F);

    /// <summary>The most bytes that a packet of the lan has.</summary>
    public int Mtu { get; init; } = Frame.OrdinaryMtu;

    /// <summary>For a lan whose Guests have addresses counted up from the bottom: gateway, name server and leases are at the top of the
    /// subnet.</summary>
    public static NatSettings AtTheTop(uint network, int bits)
    {
        uint gateway = network + (1u << (32 - bits)) - 2;
        uint lowest = network + 1;
        return new NatSettings(network, bits, gateway, gateway - 1, gateway - 1 - lowest > Leases ? gateway - 1 - Leases : lowest);
    }

    /// <summary>The network mask as a number.</summary>
    public uint Mask => uint.MaxValue << (32 - Bits);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Show(Network)}/{Bits}, gateway {Show(Gateway)}, DNS {Show(NameServer)}, DHCP from "
            + $"{Show(FirstLease)}");

    private static string Show(uint address) => string.Create(
        CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
