// The ways out of a lan. What the machine lacks or forbids is found here, before there is an actor, so that the user gets an error.

using Akka.Actor;
using Lguest.Net.Frames;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Outside.Actors;

/// <summary>Makes the actor of a way out, which plugs itself into its lan and ends with it.</summary>
public static class WayOut
{
    /// <summary>The way out through this process's own sockets: DHCP, DNS, outgoing TCP, UDP and echo requests.</summary>
    /// <param name="lan">The Lan actor.</param>
    /// <param name="net">Where it runs: as the lan does.</param>
    /// <param name="settings">Its addresses there.</param>
    /// <param name="forwards">Ports of this machine that lead to Guests there.</param>
    /// <param name="told">Is told that one of them is open (null), or why it is not yet. Any thread.</param>
    /// <exception cref="OutsideException">The machine has no libslirp.</exception>
    public static Props Nat(
        IActorRef lan, NetSettings net, NatSettings settings, IEnumerable<PortForward>? forwards = null,
        Action<PortForward, string?>? told = null)
    {
        // As libslirp makes it: 52:55 and the gateway's address.
        var mac = MacAddress.Read([0x52, 0x55, (byte)(settings.Gateway >> 24), (byte)(settings.Gateway >> 16),
            (byte)(settings.Gateway >> 8), (byte)settings.Gateway]);
        return OutsideActor.Props(lan, "nat", mac, new NatLoop(settings, forwards ?? [], told ?? ((_, _) => { })))
            .WithDispatcher(net.Dispatcher);
    }

    /// <summary>The way out through a tap device of the Host's.</summary>
    /// <param name="lan">The Lan actor.</param>
    /// <param name="net">Where it runs: as the lan does.</param>
    /// <param name="settings">Which device.</param>
    /// <param name="mtu">That of the lan; the device's own is its administrator's affair.</param>
    /// <exception cref="OutsideException">It cannot be opened, with the reason.</exception>
    public static Props Tap(IActorRef lan, NetSettings net, TunnelSettings settings, int mtu = Frame.OrdinaryMtu)
    {
        var tap = TapDevice.Open(settings);
        return OutsideActor.Props(lan, $"tap-{tap.Name}", null, new TapLoop(tap, mtu)).WithDispatcher(net.Dispatcher);
    }
}
