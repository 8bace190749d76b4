// Everything that a hostile node can put on a connection, in any pieces: what is read is the same however it is cut, nothing throws but
// the refusal that the trunk knows, and what is taken for a message is one. LGUEST_FUZZ_CASES sets the number of cases, LGUEST_FUZZ_SEED
// repeats a run.

using System.Buffers;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;
using Lguest.Net.Trunks;
using Lguest.Net.Trunks.Actors;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkFuzzSpec(ITestOutputHelper output) : PatientTestKit
{
    private const int DefaultCases = 20_000;

    [Fact]
    public void Hostile_bytes_are_refused_or_are_messages()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        var (cases, random) = (run.Cases, run.Dice());
        IBulkSerializer[] serializers = [new LanSerializer((ExtendedActorSystem)Sys), new DmaSerializer((ExtendedActorSystem)Sys)];
        byte[][] sound = Sound(serializers);
        int messages = 0, refused = 0;

        for (int i = 0; i < cases; i++)
        {
            byte[] bytes = Case(random, sound);
            var whole = Read(bytes, [bytes.Length], serializers, out string? problem);
            var cut = Read(bytes, Cuts(random, bytes.Length), serializers, out string? problemOfCut);

            cut.ShouldBe(whole);
            problemOfCut.ShouldBe(problem);
            messages += whole.Count;
            refused += problem is null ? 0 : 1;
        }

        output.WriteLine($"{messages} messages were read, {refused} connections refused");
        messages.ShouldBeGreaterThan(cases / 10, "most cases must come past the greeting");
        refused.ShouldBeGreaterThan(cases / 10);
    }

    private static byte[][] Sound(IBulkSerializer[] serializers)
    {
        object[] messages =
        [
            new LanProtocol.PeerFrames("lan", 7, Ether.Batch(Ether.Bytes(1, 2, 3), Ether.Bytes(1, 0, 4, length: 200))),
            new LanProtocol.PeerReceived("lan", 7),
            new DmaProtocol.Transfer(3, "page", 16, new byte[50]),
            new DmaProtocol.Transferred(3, 50),
        ];
        return
        [
            TrunkBytes.Pulse,
            .. messages.Select(message =>
            {
                var serializer = serializers.First(one => one.Serializes(message));
                byte[] body = new byte[serializer.SizeOf(message)];
                serializer.Write(message, body);
                char manifest = serializer.Manifest(message)[0];
                return TrunkBytes.Message(TrunkKind.Message, serializer.Identifier, manifest, "/user/lan#22 /user/agent/lan#11"u8, body);
            }),
        ];
    }

    private static byte[] Case(Random random, byte[][] sound)
    {
        var all = new List<byte>();
        if (random.Next(8) != 0)
            all.AddRange(TrunkBytes.Hello);
        for (int count = random.Next(4); count > 0; count--)
        {
            if (random.Next(8) == 0)
            {
                byte[] noise = new byte[random.Next(40)];
                random.NextBytes(noise);
                all.AddRange(noise);
                continue;
            }

            byte[] message = (byte[])sound[random.Next(sound.Length)].Clone();
            for (int flips = random.Next(4); flips > 0; flips--)
            {
                // Most of what can go wrong is in the headers.
                int at = random.Next(random.Next(2) == 0 ? Math.Min(message.Length, 80) : message.Length);
                message[at] = (byte)(random.Next(3) == 0 ? 0xff : random.Next(256));
            }

            all.AddRange(random.Next(8) == 0 ? message[..random.Next(message.Length)] : message);
        }

        return [.. all];
    }

    private static List<int> Cuts(Random random, int length)
    {
        var sizes = new List<int>();
        for (int rest = length; rest > 0; rest -= sizes[^1])
            sizes.Add(Math.Min(rest, 1 + random.Next(random.Next(2) == 0 ? 16 : 200)));
        return sizes;
    }

    private static List<string> Read(byte[] all, List<int> sizes, IBulkSerializer[] serializers, out string? problem)
    {
        var reader = new TrunkReader(TrunkKind.Hello);
        var found = new List<string>();
        int from = 0, to = 0;
        foreach (int size in sizes)
        {
            to += size;
            var bytes = new ReadOnlySequence<byte>(all, from, to - from);
            while (reader.TryRead(ref bytes, out var message))
                found.Add($"{message.Kind} {message.Route.Length} {message.Body.Length} {Meaning(message, serializers)}");
            from = to - (int)bytes.Length;
            if (reader.Problem is not null)
                break;
        }

        problem = reader.Problem;
        return found;
    }

    private static string Meaning(in TrunkMessage message, IBulkSerializer[] serializers)
    {
        if (message.Kind != TrunkKind.Message)
            return Encoding.UTF8.GetString(message.Route);
        int number = message.Serializer;
        if (TrunkRoute.Parse(message.Route.ToArray()) is not { } route
            || Array.Find(serializers, one => one.Identifier == number) is not { } serializer)
            return "refused";
        byte[] pooled = message.Body.ToArray();
        try
        {
            object read = serializer.Read(pooled, pooled.Length, message.Manifest.ToString(), out bool isKept);
            isKept.ShouldBe(read is LanProtocol.PeerFrames);
            if (read is not LanProtocol.PeerFrames frames)
                return $"{route} {read.GetType().Name}";
            int total = 0;
            foreach (var frame in frames.Frames)
                total += frame.Length;
            total.ShouldBe(frames.Frames.Bytes);
            return $"{route} {frames.Sequence} {total}";
        }
        catch (SerializationException refusal)
        {
            return refusal.Message;
        }
    }
}
