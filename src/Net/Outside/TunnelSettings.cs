// The value of --tunnet: the Host's address on a private wire to one Guest, or a bridge that the wire joins.

using System.Net;
using System.Net.Sockets;
using Lguest.Net.Frames;

namespace Lguest.Net.Outside;

/// <summary>A tap device of the Host's.</summary>
/// <param name="Device">Its name; one that the user may use already exists, or it is made. With "%d" in it the system finds a
/// number.</param>
/// <param name="Address">What the Host's end is to be called; null to leave that as it is.</param>
/// <param name="Bridge">A bridge of the Host's into which it is plugged; null for none.</param>
public sealed record TunnelSettings(string Device, IPAddress? Address = null, string? Bridge = null)
{
    /// <summary>Longest name of a network device (IFNAMSIZ less its end).</summary>
    public const int LongestName = 15;

    private const string BridgeWord = "bridge:";
    private const string Numbered = "lguest%d";

    /// <summary>Reads the value of <c>--tunnet=</c>: IPADDRESS or bridge:NAME, each with :MAC after it for the Guest's card if
    /// wanted.</summary>
    /// <param name="text">As it stands on the command line.</param>
    /// <param name="mac">The Guest's address, or null.</param>
    /// <returns>Null if it is neither.</returns>
    public static TunnelSettings? Parse(string text, out MacAddress? mac)
    {
        mac = null;
        if (text.Length > 18 && text[^18] == ':' && MacAddress.TryParse(text[^17..], out var given))
        {
            if (!given.IsStation)
                return null;
            mac = given;
            text = text[..^18];
        }

        if (text.StartsWith(BridgeWord, StringComparison.Ordinal))
            return IsDeviceName(text[BridgeWord.Length..]) ? new TunnelSettings(Numbered, Bridge: text[BridgeWord.Length..]) : null;
        return text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out var address)
            && address.AddressFamily == AddressFamily.InterNetwork
            ? new TunnelSettings(Numbered, address)
            : null;
    }

    /// <summary>Whether a network device can be called that (Linux, dev_valid_name).</summary>
    public static bool IsDeviceName(string name) =>
        name.Length is > 0 and <= LongestName && name is not ("." or "..")
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '%');
}
