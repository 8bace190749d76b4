// An Ethernet address as a number, which is easier to compare, store and pass than six bytes.

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Lguest.Net.Frames;

/// <summary>An Ethernet (EUI-48) address. The first byte on the wire is the most significant of the 48 bits.</summary>
public readonly record struct MacAddress
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 6;

    private const ulong Group = 0x0100_0000_0000;
    private const ulong Local = 0x0200_0000_0000;
    private const ulong All = 0xffff_ffff_ffff;

    private MacAddress(ulong value) => Value = value;

    public static MacAddress Broadcast { get; } = new(All);

    /// <summary>The 48 bits as a number.</summary>
    public ulong Value { get; }

    /// <summary>Broadcast or multicast (IEEE 802.3, 3.2.3: the I/G bit).</summary>
    public bool IsGroup => (Value & Group) != 0;

    public bool IsBroadcast => Value == All;

    public bool IsZero => Value == 0;

    /// <summary>Whether it can be the address of one station.</summary>
    public bool IsStation => !IsGroup && !IsZero;

    /// <summary>Reads the first six bytes; the span must have them.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>Writes six bytes; the span must have room.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    /// <summary>A locally administered unicast address that depends on nothing but a name: the same name, the same address, on every node
    /// and in
    /// every run.</summary>
    /// <param name="name">Such as "guest/eth0"; any text.</param>
    public static MacAddress ForName(string name)
    {
        // FNV-1a over UTF-8, 64 bits: string.GetHashCode differs from process to process.
        ulong hash = 14695981039346656037ul;
        foreach (byte one in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ one) * 1099511628211ul;
        return new((hash ^ hash >> 48) & All & ~Group | Local);
    }

    /// <summary>The address that a Guest of Linux 2.6.23 makes of its number (ABI sheet 9.8).</summary>
    public static MacAddress OfGuest(ushort number) => new(Local | ((ulong)BinaryPrimitives.ReverseEndianness(number) << 16));

    /// <summary>The number of which a Guest of Linux 2.6.23 would make this address; null if it would never make it.</summary>
    public ushort? GuestNumber =>
        OfGuest(BinaryPrimitives.ReverseEndianness((ushort)(Value >> 16))) == this
            ? BinaryPrimitives.ReverseEndianness((ushort)(Value >> 16)) : null;

    /// <summary>Reads the usual notation, six pairs of hexadecimal digits with colons or hyphens between them.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress address)
    {
        address = default;
        if (text is null || text.Length != 17)
            return false;
        ulong value = 0;
        for (int i = 0; i < Length; i++)
        {
            if (i > 0 && (text[i * 3 - 1] is not (':' or '-') || text[i * 3 - 1] != text[2]))
                return false;
            if (!byte.TryParse(text.AsSpan(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte one))
                return false;
            value = value << 8 | one;
        }

        address = new(value);
        return true;
    }

    /// <exception cref="FormatException">Not an Ethernet address.</exception>
    public static MacAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException(
            $"'{text}' is not an Ethernet address such as 02:00:00:00:00:01");

    public override string ToString() => string.Create(17, Value, static (text, value) =>
    {
        for (int i = 0; i < Length; i++)
        {
            ((byte)(value >> (40 - i * 8))).TryFormat(text[(i * 3)..], out _, "x2", CultureInfo.InvariantCulture);
            if (i > 0)
                text[i * 3 - 1] = ':';
        }
    });
}
