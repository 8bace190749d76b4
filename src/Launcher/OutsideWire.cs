// The network of --tunnet: one Guest's own wire to the Host or to the outside.

using Lguest.Net.Frames;
using Lguest.Net.Outside;

namespace Lguest.Launcher;

/// <summary>A network that leads out.</summary>
/// <param name="Lan">Its name.</param>
/// <param name="Tunnel">The tap at its other end; null: NAT.</param>
internal sealed record OutsideWire(string Lan, TunnelSettings? Tunnel)
{
    private const string NatWord = "nat";

    /// <summary>Reads the value of <c>--tunnet=</c>.</summary>
    /// <param name="text">IPADDR, bridge:NAME (each with :MAC after it if wanted), or nat.</param>
    /// <param name="index">How many wires there were before.</param>
    /// <param name="mac">The address of the Guest's card, or null.</param>
    /// <returns>Null if the text is not one of these.</returns>
    public static OutsideWire? Parse(string text, int index, out MacAddress? mac)
    {
        mac = null;
        string name = FormattableString.Invariant($"tunnet-{index}");
        if (text == NatWord)
            return new OutsideWire(name, null);
        return TunnelSettings.Parse(text, out mac) is { } tunnel ? new OutsideWire(name, tunnel) : null;
    }
}
