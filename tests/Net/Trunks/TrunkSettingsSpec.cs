// Each default of the trunks stands in net.conf and nowhere else; here it is said what it is. And what their actors say by remoting comes
// out as it went in.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Trunks;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkSettingsSpec() : TestKit(NetSettings.Reference())
{
    private TrunkSerializer Serializer => new((ExtendedActorSystem)Sys);

    [Fact]
    public void The_defaults_are_these() => TrunkSettings.From(Sys.Settings.Config).ShouldBe(new TrunkSettings(
        IsEnabled: true,
        Host: "",
        Port: 0,
        PublicHost: "",
        PublicPort: 0,
        Queue: 8_388_608,
        Inbox: 16_777_216,
        InboxPatience: TimeSpan.FromSeconds(1),
        MostCallers: 64,
        MostCallersOfOne: 16,
        Pace: new TrunkPace(
            Handshake: TimeSpan.FromSeconds(5),
            RetryFirst: TimeSpan.FromMilliseconds(50),
            RetryLongest: TimeSpan.FromSeconds(5),
            Pulse: TimeSpan.FromSeconds(1),
            Silence: TimeSpan.FromSeconds(5))));

    [Fact]
    public void Questions_and_offers_come_out_as_they_went_in()
    {
        var ask = new TrunkProtocol.Ask(long.MaxValue);
        Serializer.FromBinary(Serializer.ToBinary(ask), Serializer.Manifest(ask)).ShouldBe(ask);
        var offer = new TrunkProtocol.Offer(7, "node-1.example", 65535, [.. TrunkBytes.Token], [.. TrunkBytes.Token.Reverse()]);
        var there = Serializer.FromBinary(Serializer.ToBinary(offer), Serializer.Manifest(offer)).ShouldBeOfType<TrunkProtocol.Offer>();
        (there.Attempt, there.Host, there.Port).ShouldBe((7, "node-1.example", 65535));
        there.Call.ShouldBe(TrunkBytes.Token);
        there.Answer.ShouldBe(TrunkBytes.Token.Reverse());
        Sys.Serialization.FindSerializerFor(ask).ShouldBeOfType<TrunkSerializer>();
    }

    [Fact]
    public void Anything_else_is_refused()
    {
        byte[] offer = Serializer.ToBinary(new TrunkProtocol.Offer(7, "h", 1, [.. TrunkBytes.Token], [.. TrunkBytes.Token]));
        Refuses(offer[..^1], "O");
        Refuses([.. offer, .. new byte[255]], "O");
        Refuses(offer, "A");
        Refuses(offer, "X");
        Refuses([2, .. offer[1..]], "O");
        Refuses([.. offer[..9], 0, 0, .. offer[11..]], "O");
        Refuses([], "A");
        Should.Throw<ArgumentException>(() => Serializer.ToBinary(TrunkProtocol.GetStatistics.Instance));
    }

    private void Refuses(byte[] bytes, string manifest) =>
        Should.Throw<SerializationException>(() => Serializer.FromBinary(bytes, manifest));
}
