// A port of this machine that leads into a Guest behind the router. The router itself lets nobody in, so each way in is asked for by
// number, and listens on the loopback unless another address is named.

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lguest.Net.Outside;

/// <summary>A way in.</summary>
/// <param name="IsUdp">UDP; else TCP.</param>
/// <param name="Host">Where this machine listens, an IPv4 address.</param>
/// <param name="HostPort">The port there.</param>
/// <param name="GuestPort">The Guest's port.</param>
public sealed record PortForward(bool IsUdp, IPAddress Host, int HostPort, int GuestPort)
{
    /// <summary>The forms of <see cref="Parse"/>, for messages.</summary>
    public const string Form =
        "tcp:8080:80, udp:5353:53, or tcp:ADDRESS:8080:80 to listen at an address of this machine other than 127.0.0.1";

    private const string Tcp = "tcp";
    private const string Udp = "udp";
    private static readonly (int Port, string Scheme)[] _schemes = [(80, "http://"), (443, "https://")];

    /// <summary>The Guest's address as a number; 0: the first that DHCP gives away.</summary>
    public uint Guest { get; init; }

    /// <summary>What the Guest is called.</summary>
    public string Name { get; init; } = "guest";

    /// <summary>Reads "tcp:8080:80" or "udp:0.0.0.0:5353:53".</summary>
    /// <returns>Null if it is neither.</returns>
    public static PortForward? Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts is [Tcp or Udp, .., var host, var guest] && parts.Length is 3 or 4
            && Port(host) is { } from && Port(guest) is { } to
            && (parts.Length == 3 ? IPAddress.Loopback : Address(parts[1])) is { } address
            ? new PortForward(parts[0] == Udp, address, from, to)
            : null;
    }

    /// <summary>Whether not both can be had: they are the same port of one address.</summary>
    public bool Clashes(PortForward other) => IsUdp == other.IsUdp && Overlaps(other.Host, other.HostPort);

    /// <summary>Whether it is this port of this address; that of every address includes it.</summary>
    public bool Overlaps(IPAddress address, int port) =>
        HostPort == port && (Host.Equals(address) || Host.Equals(IPAddress.Any) || address.Equals(IPAddress.Any));

    /// <summary>Why the port cannot be opened just now, as a sentence with the remedy; null if it can.</summary>
    public string? Problem()
    {
        try
        {
            // As it is for the router; a socket that never was connected leaves the port at once.
            using Socket socket = IsUdp ? new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
                : new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(Host, HostPort));
            return null;
        }
        catch (SocketException problem)
        {
            return problem.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"{Port()} of {Host} is in use; choose another port, or end the program that uses it",
                SocketError.AddressNotAvailable => $"{Host} is not an address of this machine; choose one that is, or leave it out",
                SocketError.AccessDenied => $"{Port()} is reserved for root; choose one above 1023",
                _ => $"{Port()} of {Host} cannot be opened: {problem.Message}",
            };
        }
    }

    /// <summary>Where it leads from and to, "http://127.0.0.1:8080 -> web:80".</summary>
    public override string ToString()
    {
        string scheme = IsUdp ? "udp " : _schemes.FirstOrDefault(known => known.Port == GuestPort).Scheme ?? "tcp ";
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}{Host}:{HostPort} -> {Name}:{GuestPort}");
    }

    /// <summary>The same in short, "tcp 8080 -> 80", for where the Guest is known.</summary>
    public string Ways => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsUdp ? Udp : Tcp)} {(Host.Equals(IPAddress.Loopback) ? "" : $"{Host}:")}{HostPort} -> {GuestPort}");

    private string Port() => string.Create(CultureInfo.InvariantCulture, $"{(IsUdp ? "UDP" : "TCP")} port {HostPort}");

    private static int? Port(string text) =>
        text.Length is > 0 and <= 5 && text.All(char.IsAsciiDigit)
            && int.Parse(text, CultureInfo.InvariantCulture) is > 0 and <= ushort.MaxValue and var port ? port : null;

    private static IPAddress? Address(string text) =>
        text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? address
            : null;
}
