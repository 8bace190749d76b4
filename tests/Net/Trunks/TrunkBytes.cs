// Bytes of trunks for tests, and the reading of them, in whatever pieces they arrive.

using System.Buffers;
using Lguest.Net.Trunks;

namespace Lguest.Net.Tests.Trunks;

internal static class TrunkBytes
{
    public static readonly byte[] Token = [.. Enumerable.Range(0, TrunkFormat.TokenBytes).Select(i => (byte)i)];

    public static byte[] Hello { get; } = TrunkFormat.Greeting(TrunkKind.Hello, "akka.tcp://a@h:1"u8, Token);

    public static byte[] Pulse { get; } = Message(TrunkKind.Pulse, 0, '\0', [], []);

    public static byte[] Message(TrunkKind kind, int serializer, char manifest, ReadOnlySpan<byte> route, ReadOnlySpan<byte> body)
    {
        byte[] bytes = new byte[TrunkFormat.SizeOf(route.Length, body.Length)];
        body.CopyTo(TrunkFormat.Begin(bytes, kind, serializer, manifest, route));
        return bytes;
    }

    /// <summary>Reads as a connection would, and writes down what was found; the last line is the problem, if there is one.</summary>
    /// <param name="pieces">What arrives at a time.</param>
    public static List<string> Read(params IEnumerable<byte[]> pieces)
    {
        var reader = new TrunkReader(TrunkKind.Hello);
        var found = new List<string>();
        byte[] waiting = Array.Empty<byte>();
        foreach (byte[] piece in pieces)
        {
            waiting = [.. waiting, .. piece];
            var bytes = Sequence(waiting);
            while (reader.TryRead(ref bytes, out var message))
            {
                var (route, body) = (Convert.ToHexString(message.Route.ToArray()), Convert.ToHexString(message.Body.ToArray()));
                found.Add($"{message.Kind} {message.Serializer} {(int)message.Manifest} {route} {body}");
            }

            if (reader.Problem is { } problem)
            {
                found.Add(problem);
                reader.TryRead(ref bytes, out _).ShouldBeFalse("nothing is read after a mistake");
                return found;
            }

            waiting = bytes.ToArray();
            waiting.Length.ShouldBeLessThan(TrunkFormat.SizeOf(TrunkFormat.LongestRoute, TrunkFormat.LongestBody));
        }

        return found;
    }

    /// <summary>The same bytes, in two segments.</summary>
    private static ReadOnlySequence<byte> Sequence(byte[] bytes)
    {
        var first = new Segment(bytes.AsMemory(0, bytes.Length / 2));
        return new ReadOnlySequence<byte>(first, 0, first.Then(bytes.AsMemory(bytes.Length / 2)), bytes.Length - (bytes.Length / 2));
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
