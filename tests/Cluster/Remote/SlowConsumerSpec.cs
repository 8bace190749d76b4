// A consumer slower than its producer, up to one that stands still for a while: it gets everything that was sent, in order, only later.
// Remoting is the way for frames where there is no trunk, and LanActor's windows count on a message that was taken being delivered or the
// connection being lost.

using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

public sealed class SlowConsumerSpec : RemoteSpecBase
{
    private const string FarConfig =
        """
        akka {
          loglevel = ERROR
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        }
        """;

    private static readonly TimeSpan _long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_slow_consumer_gets_everything_in_order()
    {
        const int Count = 1_000;
        var consumer = await Resolve(Other.ActorOf(Props.Create(() => new Slow(TestActor)), "slow"));

        for (int i = 0; i < Count; i++) consumer.Tell(Numbered(i), ActorRefs.NoSender);

        for (int i = 0; i < Count; i++) ExpectMsg<int>(TimeSpan.FromSeconds(30)).ShouldBe(i);
    }

    [Fact]
    public async Task What_is_sent_to_a_process_that_stands_still_arrives_when_it_goes_on()
    {
        const int Count = 2_000;
        using var far = await FarProcess.Start("far", FarConfig);
        var echo = await Sys.ActorSelection($"{far.Address}/user/echo").ResolveOne(_long);
        (await echo.Ask<string>("there?", _long)).ShouldBe("there?");

        await far.Signal("STOP");
        for (int i = 0; i < Count; i++) echo.Tell(new byte[1_500], TestActor);
        echo.Tell("last", TestActor);
        ExpectNoMsg(1_000);
        await far.Signal("CONT");

        for (int i = 0; i < Count; i++) ExpectMsg<byte[]>(_long).Length.ShouldBe(1_500);
        ExpectMsg("last", _long);
    }

    private static byte[] Numbered(int number)
    {
        byte[] bytes = new byte[20_000];
        BitConverter.TryWriteBytes(bytes, number).ShouldBeTrue();
        return bytes;
    }

    private sealed class Slow : ReceiveActor
    {
        public Slow(IActorRef observer) => ReceiveAsync<byte[]>(async bytes =>
        {
            var self = Self;
            await Task.Delay(1);
            observer.Tell(BitConverter.ToInt32(bytes), self);
        });
    }
}
