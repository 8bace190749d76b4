// Good frames for tests to send, and to spoil.

using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Remote.Transport;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

internal static class Frames
{
    internal const int Bytes = 4;
    internal const int Json = 1;

    internal static readonly Address Stranger = new("akka.tcp", "stranger", "127.0.0.1", 9);

    internal static byte[] Hello(Address to, Address? from = null, int uid = 77) => new Greeting(from ?? Stranger, uid, to, 0).Encode(FrameType.Hello);

    internal static byte[] Message(string recipient, int serializer, string manifest, byte[] payload, long sequence = 0, string sender = "")
    {
        var frame = new MessageFrame
        {
            Sequence = sequence,
            Recipient = Encoding.UTF8.GetBytes(recipient),
            Sender = Encoding.UTF8.GetBytes(sender),
            SerializerId = serializer,
            Manifest = Encoding.UTF8.GetBytes(manifest),
            Payload = payload,
        };
        var bytes = new byte[frame.Size];
        frame.WriteTo(bytes);
        return bytes;
    }

    /// <summary>The next frame that a peer is sent, without its length; empty when the connection has ended.</summary>
    internal static async Task<byte[]> Next(NetworkStream peer, FrameDecoder decoder)
    {
        while (true)
        {
            if (decoder.TryTake(out var frame) == FrameDecoder.Result.Frame) return frame.ToArray();
            var count = await peer.ReadAsync(decoder.GetMemory());
            if (count == 0) return [];
            decoder.Advance(count);
        }
    }

    internal static byte[] Bare(FrameType type) => [1, 0, 0, 0, (byte)type];

    /// <summary>A conversation as it should be: a greeting, messages of both kinds, a heartbeat, a good-bye.</summary>
    internal static byte[] Conversation(Address to) =>
    [
        .. Hello(to),
        .. Message($"{to}/user/echo", Bytes, "", [1, 2, 3], sender: $"{Stranger}/user/me#4"),
        .. Bare(FrameType.Heartbeat),
        .. Message($"{to}/user/echo#17", 22, "T", [], sequence: 1),
        .. Message($"{to}/", Json, "", "\"text\""u8.ToArray()),
        .. Greeting.Parting(FrameType.Disassociate, Reason.Shutdown),
    ];
}
