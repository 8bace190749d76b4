// One message of a trunk as it lies in the bytes that have arrived: a view, to be dealt with before the bytes are let go.

using System.Buffers;

namespace Lguest.Net.Trunks;

/// <summary>What a <see cref="TrunkReader"/> has found.</summary>
/// <param name="kind">The kind.</param>
/// <param name="serializer">Number of the serializer that can read the body; 0 unless it is a message.</param>
/// <param name="manifest">What that serializer calls this kind of body; 0 unless it is a message.</param>
/// <param name="route">From which actor to which (<see cref="TrunkRoute"/>); in a greeting the caller's address.</param>
/// <param name="body">The rest.</param>
internal readonly ref struct TrunkMessage(
    TrunkKind kind, int serializer, char manifest, ReadOnlySequence<byte> route, ReadOnlySequence<byte> body)
{
    public TrunkKind Kind { get; } = kind;

    public int Serializer { get; } = serializer;

    public char Manifest { get; } = manifest;

    public ReadOnlySequence<byte> Route { get; } = route;

    public ReadOnlySequence<byte> Body { get; } = body;
}
