// What crosses nodes must come out as it went in, and whatever else a peer sends must be refused with the one exception that remoting
// expects.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Net.Tests.Actors;

public sealed class LanSerializerSpec(ITestOutputHelper output) : PatientTestKit
{
    private LanSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void Frames_and_acknowledgements_come_out_as_they_went_in()
    {
        var batch = Ether.Batch(Ether.Bytes(1, 2, 3), Ether.Bytes(1, 0, 4, length: 1514));
        var frames = new LanProtocol.PeerFrames("lan-ä", 42, batch) { Stream = 7, Asks = false };

        var there = Serializer.FromBinary(Serializer.ToBinary(frames), Serializer.Manifest(frames))
            .ShouldBeOfType<LanProtocol.PeerFrames>();

        there.Lan.ShouldBe("lan-ä");
        there.Sequence.ShouldBe(42);
        there.Stream.ShouldBe(7);
        there.Asks.ShouldBeFalse();
        Serializer.Manifest(frames with { Asks = true }).ShouldNotBe(Serializer.Manifest(frames));
        there.Frames.Records.ToArray().ShouldBe(frames.Frames.Records.ToArray());
        var received = new LanProtocol.PeerReceived("lan", long.MaxValue) { Stream = 3 };
        Serializer.FromBinary(Serializer.ToBinary(received), Serializer.Manifest(received)).ShouldBe(received);
    }

    [Fact]
    public void The_bytes_are_those_that_an_older_node_knows()
    {
        byte[] frame = Convert.FromHexString("ffffffffffff02000000000108060001");

        byte[] bytes = Serializer.ToBinary(new LanProtocol.PeerFrames("lan", 0x0102, Lguest.Net.Frames.FrameBatch.Of(frame)));

        Convert.ToHexString(bytes).ShouldBe(
            "01" + "03" + "6C616E" + "01000000" + "0201000000000000"
            + "10000000" + "000000000000000000000000" + Convert.ToHexString(frame));
        Serializer.Identifier.ShouldBe(6101);
    }

    [Fact]
    public void The_system_knows_the_serializer_by_configuration() =>
        Sys.Serialization.FindSerializerFor(new LanProtocol.PeerReceived("lan", 1)).ShouldBeOfType<LanSerializer>();

    [Fact]
    public void What_does_not_cross_nodes_is_not_written() =>
        Should.Throw<ArgumentException>(() => Serializer.ToBinary(LanProtocol.GetStatistics.Instance));

    [Theory]
    [InlineData("", "F")]
    [InlineData("01", "F")]
    [InlineData("0200010000000000000000000000", "R")]
    [InlineData("01FF010000000000000000000000", "R")]
    [InlineData("0100010000000000000000000000", "F")]
    [InlineData("0100010000000000000000000000", "A")]
    [InlineData("010001000000000000000000000000", "R")]
    [InlineData("0100010000000000000000000000", "X")]
    [InlineData("0100010000000000000000000000", "")]
    public void Rubbish_is_refused(string bytes, string manifest) =>
        Should.Throw<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(bytes), manifest));

    [Fact]
    public void Bent_messages_are_refused_or_are_messages()
    {
        var run = FuzzRun.Start(20_000, output);
        var (cases, random) = (run.Cases, run.Dice());
        var serializer = Serializer;
        byte[] sound = serializer.ToBinary(new LanProtocol.PeerFrames(
            "lan", 7, Ether.Batch(Ether.Bytes(1, 2, 3), Ether.Bytes(1, 0, 4, length: 200))));
        for (int i = 0; i < cases; i++)
        {
            byte[] bytes = random.Next(4) == 0 ? new byte[random.Next(64)] : sound[..random.Next(sound.Length + 1)];
            for (int bend = random.Next(6); bend > 0 && bytes.Length > 0; bend--)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? 0xff : random.Next(256));
            try
            {
                if (serializer.FromBinary(bytes, random.Next(5) == 0 ? "R" : "F") is not LanProtocol.PeerFrames frames)
                    continue;
                int total = 0;
                foreach (var frame in frames.Frames)
                    total += frame.Length;
                total.ShouldBe(frames.Frames.Bytes);
            }
            catch (SerializationException)
            {
                // The refusal that remoting expects.
            }
        }
    }
}
