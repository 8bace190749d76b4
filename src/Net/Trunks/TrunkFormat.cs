// The bytes of a trunk. Every message has the same twelve bytes in front, so that its length and kind can be judged before any of it is
// kept.
//
// Little-endian: length u32 of all that follows it, kind u8, version u8 (1), serializer u16, manifest u8 (ASCII), zero u8, length of the
// route u16, route, body. A later version may only append kinds and manifests.

using System.Buffers.Binary;

namespace Lguest.Net.Trunks;

/// <summary>Sizes and layout of messages.</summary>
internal static class TrunkFormat
{
    /// <summary>Bytes of the header, its length field included.</summary>
    public const int HeaderBytes = 12;

    /// <summary>Bytes of a token.</summary>
    public const int TokenBytes = 32;

    /// <summary>The longest route, and the longest address in a greeting.</summary>
    public const int LongestRoute = 1024;

    /// <summary>The longest body: 64 KiB of frames, pages or blocks, or one frame of the greatest length, and what its serializer puts
    /// before them.</summary>
    public const int LongestBody = 66_560;

    /// <summary>The version that this node speaks.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of the length field, which does not count itself.</summary>
    public const int LengthBytes = sizeof(uint);

    /// <summary>Bytes of a whole message.</summary>
    public static int SizeOf(int route, int body) => HeaderBytes + route + body;

    /// <summary>Writes a header and the route after it.</summary>
    /// <param name="into">Room for the whole message: header, route and body.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="serializer">Of the body; 0 for none.</param>
    /// <param name="manifest">Of the body; 0 for none.</param>
    /// <param name="route">At most <see cref="LongestRoute"/> bytes.</param>
    /// <returns>Where the body goes.</returns>
    public static Span<byte> Begin(Span<byte> into, TrunkKind kind, int serializer, char manifest, ReadOnlySpan<byte> route)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, into.Length - LengthBytes);
        into[4] = (byte)kind;
        into[5] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(into[6..], (ushort)serializer);
        into[8] = (byte)manifest;
        into[9] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(into[10..], (ushort)route.Length);
        route.CopyTo(into[HeaderBytes..]);
        return into[(HeaderBytes + route.Length)..];
    }

    /// <summary>A greeting as a message of its own.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="name">The caller's address; empty in the answer.</param>
    /// <param name="token">What proves it.</param>
    public static byte[] Greeting(TrunkKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> token)
    {
        byte[] bytes = new byte[SizeOf(name.Length, token.Length)];
        token.CopyTo(Begin(bytes, kind, 0, '\0', name));
        return bytes;
    }
}
