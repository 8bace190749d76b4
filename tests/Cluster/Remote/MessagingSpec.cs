// Messages between two systems: they arrive as they were and in the order in which they were sent, which the sequence numbers of lans
// (LanActor) and the terms of the leader count on; and a message that is too long is lost alone. hocon/lguest.conf and
// src/Topology/Peers/peers.conf set the longest.

using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

public sealed class MessagingSpec : RemoteSpecBase
{
    private const int Longest = 4 << 20;

    public MessagingSpec()
        : base("akka.remote.dot-netty.tcp.maximum-frame-size = 4 MiB")
    {
    }

    [Fact]
    public async Task A_hundred_thousand_messages_keep_their_order()
    {
        const int Count = 100_000;
        var relay = await Resolve(Other.ActorOf(Props.Create(() => new Relay(TestActor)), "relay"));

        for (int i = 0; i < Count; i++) relay.Tell(i, ActorRefs.NoSender);

        for (int i = 0; i < Count; i++) ExpectMsg<int>(TimeSpan.FromSeconds(30)).ShouldBe(i);
    }

    [Fact]
    public async Task A_message_longer_than_the_longest_frame_is_lost_alone_and_the_sender_s_log_says_so()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));

        EventFilter.Error(contains: "Oversized").ExpectOne(() =>
        {
            echo.Tell(new byte[Longest], TestActor);
            echo.Tell("after it", TestActor);
        });

        ExpectMsg("after it", TimeSpan.FromSeconds(20));
        (await echo.Ask<byte[]>(new byte[Longest - 4096], TimeSpan.FromSeconds(20))).Length.ShouldBe(Longest - 4096);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_500)]
    [InlineData(64 * 1024)]
    [InlineData(1024 * 1024)]
    public async Task Bytes_arrive_as_they_were(int size)
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);

        (await echo.Ask<byte[]>(bytes, TimeSpan.FromSeconds(20))).ShouldBe(bytes);
    }
}
