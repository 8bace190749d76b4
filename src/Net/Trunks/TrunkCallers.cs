// Who has connected and not said yet who it is costs a socket and some memory, and may be anyone. So there are few of them at a time, and
// fewer from one address, so that one stranger cannot take the places of all nodes. For how long a place is had is the handshake's limit.

using System.Net;
using System.Net.Sockets;

namespace Lguest.Net.Trunks;

/// <summary>The places for callers that have not proved yet whose they are.</summary>
/// <param name="most">In all.</param>
/// <param name="mostOfOne">From one address.</param>
internal sealed class TrunkCallers(int most, int mostOfOne)
{
    /// <summary>Bytes of an IPv6 address that a provider gives to one customer, who can make up the rest.</summary>
    private const int Prefix6 = 8;

    private readonly Dictionary<IPAddress, int> _waiting = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Somebody has connected.</summary>
    /// <returns>Why there is no place; null if there was one, which is taken now.</returns>
    public string? Enter(IPAddress from)
    {
        var key = KeyOf(from);
        int ofOne = _waiting.GetValueOrDefault(key);
        if (ofOne >= mostOfOne)
            return $"{ofOne} from there are waiting already";
        if (Count >= most)
            return $"{Count} are waiting already";
        _waiting[key] = ofOne + 1;
        Count++;
        return null;
    }

    /// <summary>It has proved itself, or is gone. Nothing happens if it had no place.</summary>
    public void Leave(IPAddress from)
    {
        var key = KeyOf(from);
        if (!_waiting.TryGetValue(key, out int ofOne))
            return;
        Count--;
        if (ofOne > 1)
            _waiting[key] = ofOne - 1;
        else
            _waiting.Remove(key);
    }

    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(Prefix6).Clear();
        return new IPAddress(bytes);
    }
}
