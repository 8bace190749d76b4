// The networks' part of the configuration, read once and typed. The defaults are in net.conf and nowhere else.

using Akka.Configuration;

namespace Lguest.Net.Lans.Actors;

/// <summary>What <c>lguest.net</c> says.</summary>
/// <param name="Dispatcher">Where Lan actors run.</param>
/// <param name="Addresses">Entries of a lan's address table.</param>
/// <param name="AddressesPerPort">Of them, for one port or one other node.</param>
/// <param name="AddressAge">How long an address is remembered after it was last seen.</param>
/// <param name="TransmitWindow">Bytes under way from a Nic to its Lan.</param>
/// <param name="DeliverWindow">Bytes under way from a Lan to a Nic.</param>
/// <param name="PeerWindow">Bytes under way from a Lan to one on another node.</param>
/// <param name="PeerPatience">How long the window to another node may stay full without an acknowledgement.</param>
/// <param name="Held">Bytes that one direction of a delayed link may hold.</param>
public sealed record NetSettings(
    string Dispatcher,
    int Addresses,
    int AddressesPerPort,
    TimeSpan AddressAge,
    int TransmitWindow,
    int DeliverWindow,
    int PeerWindow,
    TimeSpan PeerPatience,
    int Held)
{
    /// <summary>Reads the settings of a running system, whose configuration has <see cref="Reference"/> as a fallback.</summary>
    public static NetSettings From(Config config)
    {
        var section = config.GetConfig("lguest.net");
        return new NetSettings(
            section.GetString("dispatcher"),
            section.GetInt("addresses"),
            section.GetInt("addresses-per-port"),
            section.GetTimeSpan("address-age"),
            section.GetInt("transmit-window"),
            section.GetInt("deliver-window"),
            section.GetInt("peer-window"),
            section.GetTimeSpan("peer-patience"),
            section.GetInt("held"));
    }

    /// <summary>The reference configuration: net.conf, with the serializer of what crosses nodes.</summary>
    public static Config Reference()
    {
        using var stream = typeof(NetSettings).Assembly.GetManifestResourceStream("net.conf")!;
        using StreamReader reader = new(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
