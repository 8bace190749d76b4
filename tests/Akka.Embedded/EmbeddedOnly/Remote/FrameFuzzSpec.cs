// Frames from hostile peers, ten million of them if asked: whatever the bytes, the decoder says "frame", "more" or "broken", holds no more memory
// than one largest frame needs, and throws nothing.

using Akka.Actor;
using Akka.Remote.Transport;
using Xunit.Abstractions;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class FrameFuzzSpec(ITestOutputHelper output)
{
    private const int MaximumFrameSize = 128_000;
    private static readonly Address _self = new("akka.tcp", "self", "127.0.0.1", 2552);

    [Fact]
    public void Spoiled_conversations_are_taken_apart_without_harm()
    {
        output.WriteLine($"LGUEST_FUZZ_SEED={Fuzzing.Seed} LGUEST_FUZZ_CASES={Fuzzing.Cases}");
        var random = new Random(Fuzzing.Seed);
        var good = Frames.Conversation(_self);
        var buffer = new byte[4 * good.Length];
        var (frames, broken, messages, greetings) = (0L, 0L, 0L, 0L);
        for (var i = 0; i < Fuzzing.Cases; i++)
        {
            using var decoder = new FrameDecoder(MaximumFrameSize);
            var rest = buffer.AsSpan(0, Fuzzing.Spoil(good, buffer, random));
            var result = FrameDecoder.Result.Incomplete;
            while (rest.Length > 0 && result != FrameDecoder.Result.Broken)
            {
                var chunk = rest[..Math.Min(rest.Length, random.Next(1, buffer.Length))];
                rest = rest[chunk.Length..];
                chunk.CopyTo(decoder.GetMemory().Span);
                decoder.Advance(chunk.Length);
                while ((result = decoder.TryTake(out var frame)) == FrameDecoder.Result.Frame)
                {
                    frames++;
                    var type = (FrameType)frame[0];
                    if (MessageFrame.TryRead(type, frame[1..], out _)) messages++;
                    if (type == FrameType.Hello && Greeting.TryDecode(frame[1..], out var greeting) == Greeting.Outcome.Read && greeting.Uid == 77) greetings++;
                }
            }

            if (result == FrameDecoder.Result.Broken) broken++;
            if (decoder.Capacity > 2 * 128 * 1024) decoder.Capacity.ShouldBeLessThanOrEqualTo(2 * 128 * 1024);
        }

        output.WriteLine($"{frames} frames, {messages} messages, {greetings} greetings, {broken} broken streams");
        broken.ShouldBeGreaterThan(0);
        messages.ShouldBeGreaterThan(Fuzzing.Cases / 2);
        greetings.ShouldBeGreaterThan(Fuzzing.Cases / 10);
    }

    [Fact]
    public void Good_frames_are_found_however_the_stream_is_cut()
    {
        var random = new Random(Fuzzing.Seed);
        for (var i = 0; i < Math.Min(Fuzzing.Cases / 100, 500); i++)
        {
            var sent = Enumerable.Range(0, random.Next(1, 20)).Select(_ => Payload(random)).ToList();
            var stream = sent.SelectMany(payload => Frames.Message("akka.tcp://self@127.0.0.1:2552/user/a", Frames.Bytes, "", payload)).ToArray();

            var found = Decode(stream, random, MaximumFrameSize);

            found.Count.ShouldBe(sent.Count);
            for (var j = 0; j < sent.Count; j++) found[j].AsSpan().SequenceEqual(sent[j]).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(MaximumFrameSize - 3u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(0x2054_4547u)] // "GET "
    public void A_length_that_cannot_be_breaks_the_stream_at_once(uint length)
    {
        using var decoder = new FrameDecoder(MaximumFrameSize);
        BitConverter.TryWriteBytes(decoder.GetMemory().Span, length).ShouldBeTrue();
        decoder.Advance(4);

        decoder.TryTake(out _).ShouldBe(FrameDecoder.Result.Broken);
    }

    [Fact]
    public void A_length_that_is_only_claimed_costs_nothing()
    {
        const int Claimed = 100_000_000;
        using var decoder = new FrameDecoder(2 * Claimed);
        BitConverter.TryWriteBytes(decoder.GetMemory().Span, Claimed).ShouldBeTrue();
        decoder.Advance(4);

        decoder.TryTake(out _).ShouldBe(FrameDecoder.Result.Incomplete);
        decoder.GetMemory().IsEmpty.ShouldBeFalse();
        decoder.Capacity.ShouldBeLessThan(1024 * 1024);
    }

    [Fact]
    public void After_a_large_frame_the_memory_is_given_back()
    {
        using var decoder = new FrameDecoder(32 * 1024 * 1024);
        var large = Frames.Message("akka.tcp://self@127.0.0.1:2552/user/a", Frames.Bytes, "", new byte[16 * 1024 * 1024]);
        Feed(decoder, large);
        decoder.TryTake(out var frame).ShouldBe(FrameDecoder.Result.Frame);
        frame.Length.ShouldBe(large.Length - 4);

        decoder.GetMemory();

        decoder.Capacity.ShouldBeLessThan(1024 * 1024);
    }

    private static byte[] Payload(Random random)
    {
        var payload = new byte[random.Next(10) == 0 ? random.Next(100_000) : random.Next(2_000)];
        random.NextBytes(payload);
        return payload;
    }

    private static List<byte[]> Decode(byte[] stream, Random random, int maximum)
    {
        using var decoder = new FrameDecoder(maximum);
        var found = new List<byte[]>();
        for (var at = 0; at < stream.Length;)
        {
            var room = decoder.GetMemory().Span;
            var chunk = Math.Min(Math.Min(room.Length, stream.Length - at), random.Next(1, 5_000));
            stream.AsSpan(at, chunk).CopyTo(room);
            decoder.Advance(chunk);
            at += chunk;
            while (decoder.TryTake(out var frame) == FrameDecoder.Result.Frame)
            {
                MessageFrame.TryRead((FrameType)frame[0], frame[1..], out var message).ShouldBeTrue();
                found.Add(message.Payload.ToArray());
            }
        }

        return found;
    }

    private static void Feed(FrameDecoder decoder, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var room = decoder.GetMemory().Span;
            var chunk = Math.Min(room.Length, bytes.Length - at);
            bytes.AsSpan(at, chunk).CopyTo(room);
            decoder.Advance(chunk);
            at += chunk;
        }
    }
}
