// Trunks over real connections: frames go by them when they are there, by remoting when they are not, and whatever happens to a connection
// no frame comes twice or out of order.

using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Event;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Trunks;
using Lguest.Net.Trunks;
using Lguest.Net.Trunks.Actors;
using Lguest.Support;

namespace Lguest.Net.Tests.Nodes;

public sealed class TrunkAcrossNodesSpec
{
    private const int Round = 100;
    private const string NoWayIn = "lguest.net.trunk { public-port = 1, retry-longest = 100ms }";
    private static readonly LanSettings _green = new("green");

    [Fact]
    public void Frames_go_by_trunk_as_soon_as_there_is_one_and_none_is_lost_or_overtaken_at_the_change()
    {
        using var left = new LanNode("left", _green);
        using var right = new LanNode("right", _green);
        Join(left, right);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));
        int sent = 0;

        // The first go by remoting, since the nodes have just met; the trunk comes while they flow.
        Until(() =>
        {
            a.Sends(to: null, Enumerable.Range(sent, Round));
            b.Hears(Enumerable.Range(sent, Round));
            sent += Round;
            return right.Trunks().Trunks.Values.Any(trunk => trunk.Received > 10);
        });

        left.Statistics().Peers.Single().DroppedFrames.ShouldBe(0);
        right.Statistics().Peers.Single().DroppedFrames.ShouldBe(0);
        left.Trunks().Trunks.Keys.ShouldHaveSingleItem().ShouldBe(right.Address);
    }

    [Theory]
    [InlineData("lguest.net.trunk.enabled = off", "")]
    [InlineData("", "lguest.net.trunk.enabled = off")]
    [InlineData(NoWayIn, NoWayIn)]
    public void Without_a_trunk_remoting_carries_everything(string ofLeft, string ofRight)
    {
        using var left = new LanNode("left", _green, ofLeft);
        using var right = new LanNode("right", _green, ofRight);
        Join(left, right);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));

        for (int round = 0; round < 20; round++)
        {
            a.Sends(to: b, Enumerable.Range(round * Round, Round));
            b.Hears(Enumerable.Range(round * Round, Round));
            b.Sends(to: a, round);
            a.Hears(round);
        }

        left.Trunks().Trunks.ShouldBeEmpty();
        right.Trunks().Trunks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_trunk_that_is_cut_in_the_middle_of_a_stream_heals_without_a_frame_doubled_or_out_of_order()
    {
        await using var network = new FaultyNetwork();
        using var left = new LanNode("left", _green, network.NextNode());
        using var right = new LanNode("right", _green, network.NextNode());
        Join(left, right);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));
        var heard = new List<int>();
        int sent = 0, cuts = 0;

        while (cuts < 5)
        {
            Until(() =>
            {
                Stream(3);
                return IsByTrunk();
            });
            Stream(20);
            // The trunk that was seen may be the last one, whose end its node has not noticed yet; then there is nothing to cut.
            if (network.Reset(0, 1, FaultyNetwork.TrunkPort) > 0)
                cuts++;
            Stream(20);
        }

        // What was lost on the way is known when a later frame has arrived.
        Until(() =>
        {
            a.Sends(to: null, sent++);
            heard.AddRange(b.HeardSoFar());
            return heard.Count > 0 && heard[^1] > sent - 50 && IsByTrunk();
        });
        Until(() =>
        {
            heard.AddRange(b.HeardSoFar());
            return heard[^1] == sent - 1;
        });

        heard.Zip(heard.Skip(1)).ShouldAllBe(pair => pair.First < pair.Second);
        heard.Distinct().Count().ShouldBe(heard.Count);
        long lost = right.Statistics().Peers.Single().Dropped.GetValueOrDefault(DropReason.PeerLoss);
        (heard.Count + lost).ShouldBe(sent, "what was not heard was counted");
        heard.Count.ShouldBeGreaterThan(sent / 2);

        void Stream(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                a.Sends(to: null, Enumerable.Range(sent, Round));
                sent += Round;
            }

            Until(() => left.Statistics().Ports[0].FramesIn == sent);
            heard.AddRange(b.HeardSoFar());
        }

        bool IsByTrunk() => right.Trunks().Trunks.Values.Any(trunk => trunk.Received > 3);
    }

    [Fact]
    public async Task A_trunk_from_which_nothing_is_heard_is_lost_and_remoting_takes_over()
    {
        await using var network = new FaultyNetwork();
        const string pace = "\nlguest.net.trunk { pulse = 100ms, silence = 500ms, handshake = 500ms }";
        using var left = new LanNode("left", _green, network.NextNode() + pace);
        using var right = new LanNode("right", _green, network.NextNode() + pace);
        Join(left, right);
        Until(() => left.Trunks().Trunks.Count == 1 && right.Trunks().Trunks.Count == 1);

        network.Cut(0, 1);
        Until(() => left.Trunks().Trunks.IsEmpty && right.Trunks().Trunks.IsEmpty);
        network.Heal(0, 1);

        Until(() => left.Trunks().Trunks.Count == 1 && right.Trunks().Trunks.Count == 1);
    }

    [Fact]
    public void Whoever_connects_without_the_token_is_refused_and_changes_nothing()
    {
        using var left = new LanNode("left", _green);
        int port = FreePorts.Next();
        string strict = $"lguest.net.trunk {{ port = {port}, public-port = 1, most-callers = 4, handshake = 1s }}";
        using var right = new LanNode("right", _green, strict);
        Join(left, right);
        byte[] name = Encoding.UTF8.GetBytes(left.Address.ToString());
        byte[][] greetings =
        [
            TrunkFormat.Greeting(TrunkKind.Hello, name, TrunkBytes.Token),
            TrunkFormat.Greeting(TrunkKind.Hello, "akka.tcp://nobody@127.0.0.1:1"u8, TrunkBytes.Token),
            TrunkFormat.Greeting(TrunkKind.Welcome, [], TrunkBytes.Token),
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(),
            new byte[4096],
        ];

        for (int i = 0; i < greetings.Length; i++)
        {
            using var stranger = new TcpClient("127.0.0.1", port);
            stranger.GetStream().Write(greetings[i]);
            IsClosed(stranger).ShouldBeTrue($"greeting {i}");
        }

        // A caller that says nothing is let go after a while.
        using var silent = new TcpClient("127.0.0.1", port);
        IsClosed(silent).ShouldBeTrue();
        Until(() => right.Trunks().Refused == greetings.Length + 1);
        right.Trunks().Trunks.ShouldBeEmpty();
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));
        a.Sends(to: null, 1);
        b.Hears(1);
    }

    [Fact]
    public void Strangers_take_few_places_and_one_line_of_the_log()
    {
        int port = FreePorts.Next();
        using var node = new LanNode(
            "node", _green, $"akka.loglevel = WARNING, lguest.net.trunk {{ port = {port}, most-callers-of-one = 3, handshake = 1m }}");
        using var log = Inbox.Create(node.System);
        node.System.EventStream.Subscribe(log.Receiver, typeof(Warning));
        node.Trunks();
        var strangers = new List<TcpClient>();

        for (int i = 0; i < 20; i++)
            strangers.Add(new TcpClient("127.0.0.1", port));

        strangers.Count(stranger => stranger.Client.Poll(TimeSpan.Zero, SelectMode.SelectRead)).ShouldBeLessThanOrEqualTo(17);
        Until(() => node.Trunks().Refused == 17);
        log.Receive(TimeSpan.FromSeconds(20)).ShouldBeOfType<Warning>().ToString()
            .ShouldMatch(@"a connection from 127\.0\.0\.1:\d+ was refused: 3 from there are waiting already$");
        Should.Throw<Exception>(() => log.Receive(TimeSpan.FromMilliseconds(50))).GetBaseException()
            .ShouldBeOfType<TimeoutException>("Akka's inbox wraps it at times");
        strangers.ForEach(stranger => stranger.Dispose());
        Until(() => node.Trunks().Refused == 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_trunk_actor_that_has_met_an_exception_still_knows_the_other_nodes(bool isLeft)
    {
        using var left = new LanNode("left", _green);
        using var right = new LanNode("right", _green);
        Join(left, right);
        Until(() => left.Trunks().Trunks.Count == 1 && right.Trunks().Trunks.Count == 1);

        var node = isLeft ? left : right;
        node.Trunk.Tell(new TrunkProtocol.Peers([null!]));
        node.Trunks().Trunks.ShouldBeEmpty("its trunks end with it");

        Until(() => left.Trunks().Trunks.Count == 1 && right.Trunks().Trunks.Count == 1);
    }

    [Fact]
    public void Remoting_gets_no_message_that_is_larger_than_it_takes()
    {
        const string small = "akka.remote.dot-netty.tcp.maximum-frame-size = 32000b\nlguest.net.trunk.enabled = off";
        using var left = new LanNode("left", _green, small);
        using var right = new LanNode("right", _green, small);
        Join(left, right);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));

        // Some 63 kB, which a trunk takes in one message.
        a.Sends(to: null, Enumerable.Range(0, 800));

        b.Hears(Enumerable.Range(0, 800));
        left.Statistics().Peers.Single().DroppedFrames.ShouldBe(0);
    }

    private static void Join(LanNode left, LanNode right)
    {
        left.Introduce(right);
        right.Introduce(left);
    }

    private static bool IsClosed(TcpClient client)
    {
        client.ReceiveTimeout = 20_000;
        try
        {
            return client.GetStream().Read(new byte[1]) == 0;
        }
        catch (IOException reset) when (reset.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    private static void Until(Func<bool> happened) => SpinWait.SpinUntil(happened, TimeSpan.FromSeconds(30)).ShouldBeTrue();
}
