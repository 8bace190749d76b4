// A consumer slower than its producer: it gets everything that was sent, in order, only later.

using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

public sealed class SlowConsumerSpec : RemoteSpecBase
{
    [Fact]
    public async Task A_slow_consumer_gets_everything_in_order()
    {
        const int Count = 1_000;
        var consumer = await Resolve(Other.ActorOf(Props.Create(() => new Slow(TestActor)), "slow"));

        for (var i = 0; i < Count; i++) consumer.Tell(Numbered(i), ActorRefs.NoSender);

        for (var i = 0; i < Count; i++) ExpectMsg<int>(TimeSpan.FromSeconds(30)).ShouldBe(i);
    }

    private static byte[] Numbered(int number)
    {
        var bytes = new byte[20_000];
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
