// One trunk against a bare socket that speaks for the other node: what is bounded, what is refused, and what a mistake of the other node's
// costs.

using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.TestKit;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;
using Lguest.Net.Trunks;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkLineSpec()
    : PatientTestKit("akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }")
{
    private const int Queue = 1_000_000;
    private const int Inbox = 1_000_000;

    /// <summary>What one small message takes of the inbox.</summary>
    private const int LeastOfOne = 256;
    private const int MostOfOne = 512;
    private static readonly Address _node = Address.Parse("akka.tcp://other@127.0.0.1:1");

    private Net.Trunks.Actors.Trunks Trunks => Net.Trunks.Actors.Trunks.Of(Sys);

    [Fact]
    public async Task A_node_that_stops_reading_makes_counted_drops_and_not_memory()
    {
        var (line, other) = await Open();
        using var there = other;
        var (to, from) = (CreateTestProbe(), CreateTestProbe());
        int sent = 0, refused = 0;
        while (refused < 100)
        {
            var frames = Ether.Batch(Enumerable.Range(0, 20).Select(i => Ether.Bytes(1, 2, i, length: 1514)));
            var result = line.TrySend(to, from, new LanProtocol.PeerFrames("lan", sent + 1, frames));
            result.ShouldBeOneOf(TrunkResult.Sent, TrunkResult.NoRoom);
            sent += result == TrunkResult.Sent ? 1 : 0;
            refused += result == TrunkResult.NoRoom ? 1 : 0;
            frames.Release();
        }

        line.Counters.Waiting.ShouldBeLessThanOrEqualTo(Queue);
        line.Counters.Dropped.ShouldBe(refused);
        line.Counters.Sent.ShouldBe(sent);

        // When it reads again it gets all that was taken, in order, and there is room.
        var numbers = Numbers(there, sent);
        numbers.ShouldBe(Enumerable.Range(1, sent).Select(number => (long)number));
        AwaitAssert(() => line.Counters.Waiting.ShouldBe(0));
        line.TrySend(to, from, new LanProtocol.PeerReceived("lan", 1)).ShouldBe(TrunkResult.Sent);
    }

    [Theory]
    [InlineData("060000000301000000000000", "a malformed header")]
    [InlineData("080000000301D5174600000000", "a message without serializer, manifest or route")]
    [InlineData("110000000301D51746000900" + "2F622332202F612331", "not a message between lans of this version")]
    [InlineData("1100000003010100460009002F622332202F612331", "a message for serializer 1")]
    [InlineData("110000000301D517460009002F622332202F6123FF", "a message whose route is malformed")]
    public async Task A_mistake_in_what_comes_ends_the_trunk_and_says_why(string bytes, string problem)
    {
        var (line, other) = await Open();
        using var there = other;
        var reachable = CreateTestProbe();
        Trunks.Admit(reachable);
        byte[] route = new TrunkRoute(TrunkLine.PathOf(reachable), "/a#1").ToBytes()!;
        byte[] message = Convert.FromHexString(bytes);
        if (problem.StartsWith("not a", StringComparison.Ordinal) || problem.StartsWith("a message for", StringComparison.Ordinal))
            message = TrunkBytes.Message(TrunkKind.Message, BitConverter.ToUInt16(message, 6), 'F', route, []);

        there.GetStream().Write(message);
        there.GetStream().Write(new byte[64]);

        (await line.End.WaitAsync(TimeSpan.FromSeconds(20))).ShouldStartWith(problem);
        line.IsMalformed.ShouldBeTrue();
        line.TrySend(reachable, reachable, new LanProtocol.PeerReceived("lan", 1)).ShouldBe(TrunkResult.NoTrunk);
        reachable.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_message_reaches_the_actor_that_was_admitted_and_nobody_else()
    {
        var (line, other) = await Open();
        using var there = other;
        var (admitted, stranger) = (CreateTestProbe(), CreateTestProbe());
        Trunks.Admit(admitted);
        byte[] body = new byte[((IBulkSerializer)new LanSerializer((ExtendedActorSystem)Sys))
            .SizeOf(new LanProtocol.PeerReceived("lan", 5))];
        ((IBulkSerializer)new LanSerializer((ExtendedActorSystem)Sys)).Write(new LanProtocol.PeerReceived("lan", 5), body);

        foreach (var to in (TestProbe[])[stranger, admitted])
        {
            byte[]? route = new TrunkRoute(TrunkLine.PathOf(to), "/user/lan#9").ToBytes();
            there.GetStream().Write(TrunkBytes.Message(TrunkKind.Message, 6101, 'R', route, body));
        }

        Taken(admitted).ShouldBe(5);
        admitted.Sender.Path.Address.ShouldBe(_node);
        admitted.Sender.Path.Uid.ShouldBe(9);
        stranger.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        line.Counters.Received.ShouldBe(2);
    }

    [Fact]
    public async Task A_receiver_that_is_slow_makes_the_other_node_wait_and_nothing_is_lost()
    {
        var (line, other) = await Open(TimeSpan.FromMinutes(2));
        using var there = other;
        var slow = CreateTestProbe();
        Trunks.Admit(slow);
        const int many = 100_000;
        var writing = Task.Run(() => Write(there, slow, many));

        // The trunk reads until the inbox is full; what fits into the sockets after that does not matter.
        long stopped = 0;
        AwaitCondition(() => line.Counters.Received > Inbox / MostOfOne && line.Counters.Received == Interlocked.Exchange(
            ref stopped, line.Counters.Received), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200));
        line.Counters.Received.ShouldBeLessThan(Inbox / LeastOfOne);
        line.Idle.Heard.ShouldBe(0, "who is not listened to is not silent");

        for (int i = 1; i <= many; i++)
            Taken(slow).ShouldBe(i);
        await writing;
        line.Counters.NotTaken.ShouldBe(0);
    }

    [Fact]
    public async Task A_receiver_that_is_stuck_costs_counted_drops_and_the_others_nothing()
    {
        var (line, other) = await Open(TimeSpan.FromMilliseconds(100));
        using var there = other;
        var (stuck, busy) = (CreateTestProbe(), CreateTestProbe());
        Trunks.Admit(stuck);
        Trunks.Admit(busy);
        int sent = 2 * Inbox / LeastOfOne;
        Write(there, stuck, sent);

        Write(there, busy, 1);
        Taken(busy).ShouldBe(1);

        // It gets what was in its mailbox, and once it has taken that, what comes next.
        long held = sent - line.Counters.NotTaken;
        held.ShouldBeInRange(1, Inbox / LeastOfOne);
        for (int i = 1; i <= held; i++)
            Taken(stuck).ShouldBe(i);
        Write(there, stuck, 1);
        Taken(stuck).ShouldBe(1);
    }

    [Fact]
    public async Task A_message_that_cannot_be_made_takes_no_room_and_does_no_harm()
    {
        var (line, other) = await Open();
        using var there = other;
        var released = Ether.Batch(Ether.Bytes(1, 2, 3));
        var bad = new LanProtocol.PeerFrames("lan", 1, released);
        released.Release();
        var probe = CreateTestProbe();

        Should.Throw<ObjectDisposedException>(() => line.TrySend(probe, probe, bad));

        (line.Counters.Waiting, line.Counters.Sent, line.Counters.SentBytes).ShouldBe((0, 0, 0));
        line.TrySend(probe, probe, new LanProtocol.PeerFrames("lan", 7, Ether.Batch(Ether.Bytes(1, 2, 3)))).ShouldBe(TrunkResult.Sent);
        Numbers(there, 1).ShouldBe([7]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_ends_one_direction_ends_the_trunk(bool isWriting)
    {
        var fault = new InvalidOperationException("a fault");
        var stream = new TrunkStream { Reads = isWriting ? null : fault, Writes = _ => isWriting ? throw fault : Task.CompletedTask };
        var line = new TrunkLine(_node, new TrunkConnection("there", stream, TrunkKind.Welcome), Trunks, Settings());
        _ = line.Listen();
        var probe = CreateTestProbe();
        if (isWriting)
            line.TrySend(probe, probe, new LanProtocol.PeerReceived("lan", 1));

        (await line.End.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe("a fault");

        line.Fault.ShouldBeSameAs(fault);
        line.TrySend(probe, probe, new LanProtocol.PeerReceived("lan", 1)).ShouldBe(TrunkResult.NoTrunk);
        stream.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_sender_writes_its_own_message_and_the_pool_writes_the_others()
    {
        var (writes, all) = (new List<(int Bytes, bool IsSenders)>(), new TaskCompletionSource());
        var probe = CreateTestProbe();
        TrunkLine line = null!;
        int sender = 0;
        var stream = new TrunkStream
        {
            Writes = bytes =>
            {
                writes.Add((bytes, Environment.CurrentManagedThreadId == sender));
                if (writes.Count == 1)
                    for (int i = 2; i < 5; i++)
                        line.TrySend(probe, probe, new LanProtocol.PeerReceived("lan", i));
                else
                    all.TrySetResult();
                return Task.CompletedTask;
            },
        };
        line = new TrunkLine(_node, new TrunkConnection("there", stream, TrunkKind.Welcome), Trunks, Settings());
        var turn = new Thread(() =>
        {
            sender = Environment.CurrentManagedThreadId;
            line.TrySend(probe, probe, new LanProtocol.PeerReceived("lan", 1));
        });

        turn.Start();
        turn.Join(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        await all.Task.WaitAsync(TimeSpan.FromSeconds(20));

        int one = writes[0].Bytes;
        writes.ShouldBe([(one, true), (3 * one, false)]);
        AwaitAssert(() => line.Counters.Waiting.ShouldBe(0));
    }

    /// <summary>The number that the next message in the mailbox has; it is taken out.</summary>
    private static long Taken(TestProbe probe) =>
        Arrived.Open(probe.ReceiveOne(TimeSpan.FromSeconds(20))).ShouldBeOfType<LanProtocol.PeerReceived>().Sequence;

    /// <summary>Numbered messages from the other node.</summary>
    private void Write(TcpClient there, IActorRef to, int count)
    {
        byte[] route = new TrunkRoute(TrunkLine.PathOf(to), "/user/lan#9").ToBytes()!;
        var serializer = new LanSerializer((ExtendedActorSystem)Sys);
        var together = new BufferedStream(there.GetStream(), 65_536);
        for (int i = 1; i <= count; i++)
        {
            byte[] body = serializer.ToBinary(new LanProtocol.PeerReceived("lan", i));
            together.Write(TrunkBytes.Message(TrunkKind.Message, 6101, 'R', route, body));
        }

        together.Flush();
    }

    private TrunkSettings Settings(TimeSpan? patience = null) => TrunkSettings.From(Sys.Settings.Config) with
    {
        Queue = Queue,
        Inbox = Inbox,
        InboxPatience = patience ?? TimeSpan.FromSeconds(20),
    };

    /// <summary>A trunk to a socket of ours, after the greetings.</summary>
    private async Task<(TrunkLine Line, TcpClient There)> Open(TimeSpan? patience = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var offer = new TrunkProtocol.Offer(1, "127.0.0.1", port, [.. TrunkBytes.Token], [.. TrunkBytes.Token]);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var call = TrunkConnection.Call(offer, "akka.tcp://a@h:1", null, end.Token);
        var there = await listener.AcceptTcpClientAsync(end.Token);
        byte[] hello = new byte[TrunkBytes.Hello.Length];
        await there.GetStream().ReadExactlyAsync(hello, end.Token);
        hello.ShouldBe(TrunkBytes.Hello);
        await there.GetStream().WriteAsync(TrunkFormat.Greeting(TrunkKind.Welcome, [], TrunkBytes.Token), end.Token);
        var line = new TrunkLine(_node, await call, Trunks, Settings(patience));
        _ = line.Listen();
        return (line, there);
    }

    /// <summary>The sequence numbers of the messages that arrive.</summary>
    private List<long> Numbers(TcpClient there, int count)
    {
        var numbers = new List<long>();
        var serializer = new LanSerializer((ExtendedActorSystem)Sys);
        byte[] header = new byte[TrunkFormat.HeaderBytes];
        while (numbers.Count < count)
        {
            there.GetStream().ReadExactly(header);
            byte[] rest = new byte[BitConverter.ToInt32(header) + TrunkFormat.LengthBytes - header.Length];
            there.GetStream().ReadExactly(rest);
            byte[] body = rest[BitConverter.ToUInt16(header, 10)..];
            numbers.Add(((LanProtocol.PeerFrames)serializer.FromBinary(body, ((char)header[8]).ToString())).Sequence);
        }

        return numbers;
    }
}
