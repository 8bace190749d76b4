// The addresses of a lan: the IPv4 arithmetic that gives every Guest its own.

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lguest.Topology;

/// <summary>An IPv4 subnet (RFC 4632).</summary>
/// <param name="Base">Its first address as a number, host part zero.</param>
/// <param name="Bits">Length of its prefix.</param>
internal readonly record struct Subnet(uint Base, int Bits)
{
    /// <summary>As in 255.255.255.0.</summary>
    public string Mask => Show(MaskBits);

    /// <summary>How many Guests can have an address: all but the first, the last, and the gateway, which is the last but one.</summary>
    public int Room => (int)Math.Max(0, Math.Min(int.MaxValue, (1L << (32 - Bits)) - 3));

    /// <summary>The way out of a lan that has one.</summary>
    public string Gateway => Show(Base + (uint)(Room + 1));

    private uint MaskBits => Bits == 0 ? 0 : uint.MaxValue << (32 - Bits);

    /// <summary>Reads "10.0.0.0/24"; null if it is not one.</summary>
    public static Subnet? Parse(string text)
    {
        if (text.Split('/') is not [var address, var bits]
            || Number(address) is not { } number
            || !int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length is < 8 or > 29)
            return null;
        var subnet = new Subnet(number, length);
        return subnet with { Base = number & subnet.MaskBits };
    }

    /// <summary>A dotted address as a number; null if it is not one.</summary>
    public static uint? Number(string address) =>
        address.Count(c => c == '.') == 3 && IPAddress.TryParse(address, out var parsed)
            && parsed.AddressFamily == AddressFamily.InterNetwork
            ? BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes())
            : null;

    public static string Show(uint address) => string.Create(
        CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");

    /// <summary>The address of the Guest of a number from 1.</summary>
    public string Address(int number) => Show(Base + (uint)number);

    public override string ToString() => $"{Show(Base)}/{Bits.ToString(CultureInfo.InvariantCulture)}";
}
