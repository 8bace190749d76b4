// Finds the messages in what has arrived on a trunk. Any program that can connect can send anything, so nothing is believed: each field
// is held against its limits as soon as it is there, a stranger gets room for a greeting and no more, and after the first mistake nothing
// is read any further.

using System.Buffers;
using System.Buffers.Binary;

namespace Lguest.Net.Trunks;

/// <summary>The receiving side of one connection, as a function of its bytes. One thread at a time.</summary>
/// <param name="greeting">The greeting that must come first.</param>
internal sealed class TrunkReader(TrunkKind greeting)
{
    private bool _isGreeted;

    /// <summary>Why the connection cannot be read any further, as one line; null while it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Takes the next message.</summary>
    /// <param name="bytes">What has arrived and is not read yet; on return what remains of it.</param>
    /// <param name="message">The message, valid as long as the bytes are.</param>
    /// <returns>False if more bytes are needed, or there is a <see cref="Problem"/>.</returns>
    public bool TryRead(ref ReadOnlySequence<byte> bytes, out TrunkMessage message)
    {
        message = default;
        if (Problem is not null || bytes.Length < TrunkFormat.HeaderBytes)
            return false;
        Span<byte> header = stackalloc byte[TrunkFormat.HeaderBytes];
        bytes.Slice(0, TrunkFormat.HeaderBytes).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var kind = (TrunkKind)header[4];
        int serializer = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        char manifest = (char)header[8];
        int route = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        long body = (long)length + TrunkFormat.LengthBytes - TrunkFormat.HeaderBytes - route;
        Problem = header[5] != TrunkFormat.Version ? $"version {header[5]}, where {TrunkFormat.Version} is spoken"
            : header[9] != 0 || route > TrunkFormat.LongestRoute || body is < 0 or > TrunkFormat.LongestBody ? "a malformed header"
            : _isGreeted ? ProblemOf(kind, serializer, manifest, route, body)
            : ProblemOfGreeting(kind, serializer, manifest, route, body);
        int size = TrunkFormat.SizeOf(route, (int)body);
        if (Problem is not null || bytes.Length < size)
            return false;
        _isGreeted = true;
        message = new TrunkMessage(
            kind, serializer, manifest, bytes.Slice(TrunkFormat.HeaderBytes, route), bytes.Slice(TrunkFormat.HeaderBytes + route, body));
        bytes = bytes.Slice(size);
        return true;
    }

    private string? ProblemOfGreeting(TrunkKind kind, int serializer, char manifest, int route, long body) =>
        kind != greeting ? "no greeting"
        : serializer != 0 || manifest != 0 || body != TrunkFormat.TokenBytes || route > 0 != (kind == TrunkKind.Hello)
            ? "a malformed greeting"
        : null;

    private static string? ProblemOf(TrunkKind kind, int serializer, char manifest, int route, long body) => kind switch
    {
        TrunkKind.Message => serializer > 0 && char.IsAsciiLetterUpper(manifest) && route > 0
            ? null
            : "a message without serializer, manifest or route",
        TrunkKind.Pulse => serializer == 0 && manifest == 0 && route == 0 && body == 0 ? null : "a sign of life that says more",
        _ => $"a message of kind {(byte)kind}",
    };
}
