// Peers that send rubbish, too much, or an old version, over real sockets: the connection is closed, a word is logged, and everybody else is
// served as before.

using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Remote;
using Akka.Event;
using Akka.Remote.Transport;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class HostilePeerSpec : RemoteSpecBase
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    public HostilePeerSpec()
        : base("akka.remote { handshake-timeout = 3 s, dot-netty.tcp.maximum-frame-size = 32000b }") =>
        Other.ActorOf(Props.Create(() => new Echo()), "echo");

    public static TheoryData<string, byte[]> Rubbish => new()
    {
        { "another protocol", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray() },
        { "no length", [0, 0, 0, 0, 1] },
        { "too large a length", [0xFF, 0xFF, 0xFF, 0x7F, 1] },
        { "a message without a greeting", Frames.Message("akka.tcp://other@127.0.0.1:1/user/echo", Frames.Bytes, "", [1]) },
        { "a greeting cut short", [3, 0, 0, 0, 1, 0x41, 0x4B] },
        { "a greeting to somebody else", Frames.Hello(new Address("akka.tcp", "else", "127.0.0.1", 5)) },
        { "nothing for too long", [9, 0] },
    };

    [Theory, MemberData(nameof(Rubbish))]
    public async Task Rubbish_ends_the_connection_and_nothing_else(string what, byte[] bytes)
    {
        using var peer = await Connect();

        await peer.WriteAsync(bytes);

        (await ClosedBy(peer)).ShouldBeTrue(what);
        await OthersAreServed();
    }

    [Fact]
    public async Task An_old_version_is_told_so_and_sent_away()
    {
        using var peer = await Connect();
        var hello = Frames.Hello(OtherAddress);
        hello[9]++; // The version stands behind length, type and magic.

        await peer.WriteAsync(hello);

        var answer = new byte[6];
        await peer.ReadExactlyAsync(answer);
        answer.ShouldBe([2, 0, 0, 0, (byte)FrameType.Refusal, (byte)Reason.Version]);
        (await ClosedBy(peer)).ShouldBeTrue();
        await OthersAreServed();
    }

    [Theory]
    [InlineData((byte)FrameType.Welcome)]
    [InlineData((byte)FrameType.Ack)]
    [InlineData(0)]
    [InlineData(200)]
    public async Task A_frame_that_is_not_the_peers_to_send_ends_the_connection(byte type)
    {
        using var peer = await Greeted();

        await peer.WriteAsync(Frames.Bare((FrameType)type));

        (await ClosedBy(peer)).ShouldBeTrue();
        await OthersAreServed();
    }

    [Fact]
    public async Task A_system_message_that_leaves_one_out_ends_the_connection()
    {
        using var peer = await Greeted();

        await peer.WriteAsync(Frames.Message($"{OtherAddress}/user/echo", 22, "T", [], sequence: 2));

        (await ClosedBy(peer)).ShouldBeTrue();
        await OthersAreServed();
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_costs_only_itself()
    {
        var log = CreateTestProbe(Other);
        Other.EventStream.Subscribe(log.Ref, typeof(Warning));
        using var peer = await Greeted();
        const string Gadget = """{"$type":"System.IO.FileInfo, System.Private.CoreLib","OriginalPath":"x","FullPath":"x"}""";
        byte[] unreadable =
        [
            .. Frames.Message($"{OtherAddress}/user/echo", 4711, "?", [1, 2, 3]),
            .. Frames.Message($"{OtherAddress}/user/echo", Frames.Json, "", Encoding.UTF8.GetBytes(Gadget)),
            .. Frames.Message($"{OtherAddress}/user/echo", Frames.Json, "", Encoding.UTF8.GetBytes(Gadget)),
            .. Frames.Message($"{OtherAddress}/user/nobody#5", 16, "ID", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            .. Frames.Message("no path", Frames.Bytes, "", [1]),
            .. Frames.Message("akka.tcp://third@127.0.0.1:4/user/a", Frames.Bytes, "", [1]),
        ];

        await peer.WriteAsync(unreadable);
        var probe = CreateTestProbe(Other);
        await peer.WriteAsync(Frames.Message(probe.Ref.Path.ToSerializationFormatWithAddress(OtherAddress), Frames.Bytes, "", [7]));

        probe.ExpectMsg<byte[]>(_long).ShouldBe([7]);
        var words = log.ReceiveWhile(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(300), message => message?.ToString());
        words.Count(word => word!.Contains("4711", StringComparison.Ordinal)).ShouldBe(1);
        words.Count(word => word!.Contains("System.IO.FileInfo", StringComparison.Ordinal)).ShouldBe(1, "said once, not each time");
    }

    [Fact]
    public async Task No_peer_ends_the_system_or_tells_of_deaths_that_are_not_its_own()
    {
        using var peer = await Greeted();
        var probe = CreateTestProbe(Other);
        var watched = await Other.ActorSelection("/user/echo").ResolveOne(_long);
        probe.Watch(watched);
        var news = Other.Serialization.FindSerializerForType(typeof(Akka.Dispatch.SysMsg.DeathWatchNotification));
        var death = news.ToBinaryWithAddress(OtherAddress, new Akka.Dispatch.SysMsg.DeathWatchNotification(watched, true, false));
        byte[] harm =
        [
            .. Frames.Message($"{OtherAddress}/user", 22, "T", [], sequence: 1),
            .. Frames.Message($"{OtherAddress}/", 22, "T", [], sequence: 2),
            .. Frames.Message(probe.Ref.Path.ToSerializationFormatWithAddress(OtherAddress), 22, "DW", death, sequence: 3),
            .. Frames.Message($"{OtherAddress}/user", 16, "PP", []),
            .. Frames.Message($"{OtherAddress}/system", 16, "K", []),
            .. Frames.Message($"{OtherAddress}/", 6, "", Selection(PoisonPill.Instance, new SelectChildName("user"))),
            .. Frames.Message($"{OtherAddress}/", 6, "", Selection(PoisonPill.Instance, new SelectChildRecursive())),
            .. Frames.Message($"{OtherAddress}/user/echo", 6, "", Selection(Kill.Instance, new SelectParent())),
        ];

        await peer.WriteAsync(harm);

        await OthersAreServed();
        probe.ExpectNoMsg(300);
        Other.WhenTerminated.IsCompleted.ShouldBeFalse();

        byte[] Selection(object message, SelectionPathElement element) =>
            Other.Serialization.FindSerializerForType(typeof(ActorSelectionMessage)).ToBinary(new ActorSelectionMessage(message, [element]));
    }

    [Fact]
    public async Task Nobody_is_let_in_under_our_own_name()
    {
        using var peer = await Connect();

        await peer.WriteAsync(Frames.Hello(OtherAddress, from: OtherAddress));

        (await ClosedBy(peer)).ShouldBeTrue();
    }

    [Fact]
    public async Task Addresses_that_a_peer_makes_us_answer_to_are_forgotten()
    {
        var victim = ActorSystem.Create("victim", ConfigurationFactory.ParseString(
            "akka.remote { retry-gate-closed-for = 100 ms, transport-failure-detector.heartbeat-interval = 100 ms }").WithFallback(Sys.Settings.Config));
        var remoting = (Akka.Remote.Remoting)((Akka.Remote.IRemoteActorRefProvider)((ExtendedActorSystem)victim).Provider).Transport;
        var provider = ((ExtendedActorSystem)victim).Provider;

        for (var i = 0; i < 100; i++) provider.ResolveActorRef($"akka.tcp://nobody-{i}@127.0.0.1:1/user/a").Tell("answer", ActorRefs.NoSender);

        remoting.AssociationCount.ShouldBeGreaterThan(0);
        await AwaitAssertAsync(() => remoting.AssociationCount.ShouldBe(0), _long);
        provider.ResolveActorRef($"{OtherAddress}/user/echo").Tell("still here", TestActor);
        Shutdown(victim);
    }

    [Fact]
    public void A_port_is_not_shared()
    {
        var taken = ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.port = {OtherAddress.Port}").WithFallback(Sys.Settings.Config);

        Should.Throw<Akka.Remote.RemoteTransportException>(() => ActorSystem.Create("second", taken)).Message.ShouldContain("Failed to bind");
    }

    [Fact]
    public async Task A_crowd_of_strangers_keeps_nobody_out()
    {
        var strangers = new List<NetworkStream>();
        for (var i = 0; i < 300; i++) strangers.Add(await Connect());

        await OthersAreServed();

        foreach (var stranger in strangers)
        {
            (await ClosedBy(stranger)).ShouldBeTrue();
            await stranger.DisposeAsync();
        }
    }

    [Fact]
    public async Task Spoiled_conversations_harm_nobody()
    {
        var random = new Random(Fuzzing.Seed);
        var good = Frames.Conversation(OtherAddress);
        var buffer = new byte[4 * good.Length];
        for (var i = 0; i < Math.Max(Fuzzing.Cases / 100, 20); i++)
        {
            var spoiled = buffer[..Fuzzing.Spoil(good, buffer, random)];
            using var peer = await Connect();
            try
            {
                await peer.WriteAsync(spoiled);
                peer.Socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                // It has had enough of us already.
            }

            (await ClosedBy(peer)).ShouldBeTrue($"case {i} of LGUEST_FUZZ_SEED={Fuzzing.Seed}");
        }

        await OthersAreServed();
    }

    [Fact]
    public async Task A_peer_that_does_not_read_costs_no_more_than_the_bound()
    {
        const int Bound = 1024 * 1024;
        const int Count = 4_000;
        var sender = ActorSystem.Create("sender", ConfigurationFactory.ParseString(
            $"akka.remote.dot-netty.tcp {{ write-buffer-high-water-mark = {Bound}b, send-buffer-size = 16 KiB, receive-buffer-size = 16 KiB }}").WithFallback(Sys.Settings.Config));
        var dropped = CreateTestProbe(sender);
        sender.EventStream.Subscribe(dropped.Ref, typeof(Dropped));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Server.ReceiveBufferSize = 16 * 1024;
        listener.Start();
        var address = new Address("akka.tcp", "deaf", "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        var target = ((ExtendedActorSystem)sender).Provider.ResolveActorRef(new RootActorPath(address) / "user" / "a");
        target.Tell(new byte[10_000], ActorRefs.NoSender);
        using var peer = (await listener.AcceptTcpClientAsync()).GetStream();
        using var decoder = new FrameDecoder(1024 * 1024);
        await Frames.Next(peer, decoder);
        await peer.WriteAsync(new Greeting(address, 5, AddressOf(sender), 0).Encode(FrameType.Welcome));
        await Frames.Next(peer, decoder);

        for (var i = 0; i < Count; i++) target.Tell(new byte[10_000], ActorRefs.NoSender);
        target.Tell(PoisonPill.Instance, ActorRefs.NoSender);

        var lost = dropped.ReceiveWhile(_long, TimeSpan.FromSeconds(1), message => message as Dropped).Count(one => one is not null);
        lost.ShouldBeInRange(Count / 2, Count);
        var arrived = 0;
        while (arrived < Count - lost + 1 && (await Frames.Next(peer, decoder)).Length > 0) arrived++;
        arrived.ShouldBe(Count - lost + 1, "what was not dropped is sent when the peer reads again");
        Shutdown(sender);
    }

    private async Task<NetworkStream> Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(OtherAddress.Host, OtherAddress.Port!.Value);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task<NetworkStream> Greeted()
    {
        var peer = await Connect();
        await peer.WriteAsync(Frames.Hello(OtherAddress));
        var head = new byte[5];
        await peer.ReadExactlyAsync(head);
        head[4].ShouldBe((byte)FrameType.Welcome);
        await peer.ReadExactlyAsync(new byte[BitConverter.ToInt32(head) - 1]);
        return peer;
    }

    // Reads what there is to read until the other side closes; false when it does not.
    private static async Task<bool> ClosedBy(NetworkStream peer)
    {
        using var limit = new CancellationTokenSource(_long);
        try
        {
            while (await peer.ReadAsync(new byte[1024], limit.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task OthersAreServed() =>
        (await Sys.ActorSelection($"{OtherAddress}/user/echo").Ask<string>("still there?", _long)).ShouldBe("still there?");
}
