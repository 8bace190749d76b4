// Peers that take what must arrive and never say that it did, or do not even read it: what is kept for them has a bound, and when that is reached they are given up, for good.

using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Remote;
using Akka.Event;
using Akka.Remote;
using Akka.Remote.Transport;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class DeafPeerSpec : RemoteSpecBase
{
    private const int Most = 100;
    private const int Uid = 5;
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public DeafPeerSpec()
        : base($"akka.remote {{ system-message-buffer-size = {Most}, retry-gate-closed-for = 200 ms, dot-netty.tcp {{ send-buffer-size = 16 KiB, receive-buffer-size = 16 KiB }} }}")
    {
        _listener.Server.ReceiveBufferSize = 16 * 1024;
        _listener.Start();
    }

    private Address Deaf => new("akka.tcp", "deaf", "127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    private ExtendedActorSystem System => (ExtendedActorSystem)Sys;

    private Association Association => ((Remoting)((IRemoteActorRefProvider)System.Provider).Transport).AssociationWith(Deaf);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_acknowledges_nothing_is_given_up_at_the_bound_and_nothing_is_kept_for_it(bool reads)
    {
        var quarantined = CreateTestProbe();
        Sys.EventStream.Subscribe(quarantined.Ref, typeof(QuarantinedEvent));
        var target = (IInternalActorRef)System.Provider.ResolveActorRef(new RootActorPath(Deaf) / "user" / "a");
        target.Stop();
        using var peer = await Welcome();
        var reading = reads ? ReadAll(peer) : Task.CompletedTask;

        for (var i = 1; i < Most; i++) target.Stop();
        Association.UnacknowledgedCount.ShouldBe(Most);
        quarantined.ExpectNoMsg(100);
        target.Stop();

        quarantined.ExpectMsg<QuarantinedEvent>(_long).Uid.ShouldBe(Uid);
        Association.UnacknowledgedCount.ShouldBe(0);
        await reading;

        // Whoever goes on all the same finds that it does not pile up either, however often the peer comes back with the same life.
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 10 * Most; i++) target.Stop();
            Association.UnacknowledgedCount.ShouldBeLessThanOrEqualTo(Most);
            using var again = await Welcome();
            await ReadAll(again);
        }

        quarantined.ExpectNoMsg(100);
    }

    [Fact]
    public async Task Messages_of_both_kinds_for_a_peer_that_does_not_read_have_a_bound_together()
    {
        const int Bound = 1024 * 1024;
        var sender = ActorSystem.Create("sender", ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.write-buffer-high-water-mark = {Bound}b").WithFallback(Sys.Settings.Config));
        var target = (IInternalActorRef)((ExtendedActorSystem)sender).Provider.ResolveActorRef(new RootActorPath(Deaf) / "user" / "a");
        target.Stop();
        using var peer = await Welcome();
        // The runtime's own garbage is collected before and after, so that what is left is what is kept.
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 20_000; i++)
        {
            target.Tell(new byte[10_000], ActorRefs.NoSender);
            if (i % 1000 == 0) target.Stop();
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(32 * Bound);
        Shutdown(sender);
    }

    [Fact]
    public async Task What_must_arrive_arrives_at_a_system_that_was_not_there_the_first_time()
    {
        var port = FreePorts.Next();
        var address = new Address("akka.tcp", "late", "127.0.0.1", port);
        var early = System.Provider.ResolveActorRef(new RootActorPath(address) / "user" / "echo");
        Watch(early);
        ExpectTerminated(early, TimeSpan.FromSeconds(40));
        var late = ActorSystem.Create("late", ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.port = {port}").WithFallback(Sys.Settings.Config));
        var actor = late.ActorOf(Props.Create(() => new Echo()), "echo");
        IActorRef? echo = null;
        await AwaitAssertAsync(async () => echo = await Sys.ActorSelection($"{address}/user/echo").ResolveOne(TimeSpan.FromSeconds(1)), _long);

        Watch(echo!);
        // Answered after the watch has arrived, since both go the same way.
        (await echo!.Ask<string>("there?", _long)).ShouldBe("there?");
        late.Stop(actor);

        ExpectTerminated(echo, TimeSpan.FromSeconds(20));
        Shutdown(late);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _listener.Dispose();
    }

    /// <summary>Takes the next connection and greets it; what comes afterwards is not answered.</summary>
    private async Task<NetworkStream> Welcome()
    {
        using var limit = new CancellationTokenSource(_long);
        var peer = (await _listener.AcceptTcpClientAsync(limit.Token)).GetStream();
        using var decoder = new FrameDecoder(1024 * 1024);
        await Frames.Next(peer, decoder);
        await peer.WriteAsync(new Greeting(Deaf, Uid, AddressOf(Sys), 0).Encode(FrameType.Welcome));
        return peer;
    }

    private static async Task ReadAll(NetworkStream peer)
    {
        using var limit = new CancellationTokenSource(_long);
        try
        {
            while (await peer.ReadAsync(new byte[4096], limit.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Ended, not politely.
        }
    }
}
