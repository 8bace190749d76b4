// The router as somebody on the lan sees it, and what names a tunnel.

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Outside;
using Lguest.Net.Outside.Actors;

namespace Lguest.Net.Tests.Outside;

public sealed class OutsideSpec : PatientTestKit
{
    private const string Port = "us";

    private readonly ConcurrentQueue<(PortForward, string?)> _told = [];

    public OutsideSpec()
        : base("akka.loglevel = WARNING")
    {
    }

    private static bool HasSlirp => System.Runtime.InteropServices.NativeLibrary.TryLoad("libslirp.so.0", out _);

    [Fact]
    public void The_usual_addresses_are_those_that_everybody_knows()
    {
        NatSettings.Usual.ToString().ShouldBe("10.0.2.0/24, gateway 10.0.2.2, DNS 10.0.2.3, DHCP from 10.0.2.15");
        NatSettings.AtTheTop(0x0A000000, 24).ToString().ShouldBe("10.0.0.0/24, gateway 10.0.0.254, DNS 10.0.0.253, DHCP from 10.0.0.237");
        NatSettings.AtTheTop(0x0A000000, 29).ToString().ShouldBe("10.0.0.0/29, gateway 10.0.0.6, DNS 10.0.0.5, DHCP from 10.0.0.1");
    }

    [SkippableFact]
    public void A_router_answers_for_its_address_and_echoes()
    {
        var lan = Lan();
        Send(lan, GuestFrames.Arp());
        ExpectFrame(frame => frame[12] == 8 && frame[13] == 6 && MacAddress.Read(frame.AsSpan(22)) == GuestFrames.Gateway);

        Send(lan, GuestFrames.Ip(1, 0x0A000202, [8, 0, 0, 0, 0, 1, 0, 1, .. Enumerable.Repeat((byte)42, 56)], checksumAt: 2));
        ExpectFrame(frame => frame[23] == 1 && frame[34] == 0 && frame[42] == 42);
    }

    [SkippableFact]
    public void A_datagram_to_the_gateway_reaches_a_socket_on_this_machine_and_its_answer_comes_back()
    {
        var lan = Lan();
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        ushort port = (ushort)((IPEndPoint)server.Client.LocalEndPoint!).Port;
        Send(lan, GuestFrames.Arp());
        ExpectFrame(frame => frame[13] == 6);
        Send(lan, GuestFrames.Ip(17, 0x0A000202, GuestFrames.Datagram(5555, port, "hello"u8)));
        server.Client.ReceiveTimeout = 20_000;
        IPEndPoint? sender = null;
        server.Receive(ref sender).ShouldBe("hello"u8.ToArray());
        server.Send("world"u8.ToArray(), 5, sender);

        ExpectFrame(frame => frame[23] == 17 && frame.AsSpan(42, 5).SequenceEqual("world"u8));
    }

    [SkippableFact]
    public void A_datagram_to_a_forwarded_port_reaches_the_guest_and_its_answer_comes_back()
    {
        using var free = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)free.Client.LocalEndPoint!).Port;
        PortForward forward = new(IsUdp: true, IPAddress.Loopback, port, 53);
        var lan = Lan(forward);
        AwaitAssert(() => _told.ShouldContain((forward, forward.Problem())), TimeSpan.FromSeconds(20));
        free.Dispose();
        AwaitAssert(() => _told.ShouldContain((forward, null)), TimeSpan.FromSeconds(20));
        Send(lan, GuestFrames.Arp());
        ExpectFrame(frame => frame[13] == 6);

        using var client = new UdpClient();
        client.Client.ReceiveTimeout = 20_000;
        client.Send("hello"u8, new IPEndPoint(IPAddress.Loopback, port));
        byte[] asked = [];
        ExpectFrame(frame => (asked = frame)[23] == 17 && frame.AsSpan(42).SequenceEqual("hello"u8));
        BinaryPrimitives.ReadUInt32BigEndian(asked.AsSpan(30)).ShouldBe(GuestFrames.Ours, "the first that DHCP gives away");
        BinaryPrimitives.ReadUInt16BigEndian(asked.AsSpan(36)).ShouldBe((ushort)53);
        Send(lan, GuestFrames.Ip(17, BinaryPrimitives.ReadUInt32BigEndian(asked.AsSpan(26)),
            GuestFrames.Datagram(53, BinaryPrimitives.ReadUInt16BigEndian(asked.AsSpan(34)), "world"u8)));

        IPEndPoint? sender = null;
        client.Receive(ref sender).ShouldBe("world"u8.ToArray());
        sender.ShouldBe(new IPEndPoint(IPAddress.Loopback, port));
    }

    [SkippableFact]
    public void A_connection_to_a_forwarded_port_is_one_to_the_guest_that_is_named()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        PortForward forward = new(IsUdp: false, IPAddress.Loopback, port, 80) { Guest = 0x0A000209 };
        var lan = Lan(forward);
        AwaitAssert(() => _told.ShouldBe([(forward, null)]), TimeSpan.FromSeconds(20));

        using var client = new TcpClient();
        client.Connect(IPAddress.Loopback, port);

        // Nobody knows that Guest yet, so the router asks for it.
        ExpectFrame(frame => frame[12] == 8 && frame[13] == 6 && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(38)) == forward.Guest);
    }

    [SkippableFact]
    public void A_guest_that_asks_gets_an_address_a_gateway_and_a_name_server()
    {
        var lan = Lan();
        Send(lan, Discover());

        ExpectFrame(frame => frame[23] == 17
            && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(34)) == 67
            && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(42 + 16)) == GuestFrames.Ours);
    }

    [SkippableFact]
    public void Rubbish_does_not_stop_the_router()
    {
        var lan = Lan();
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            byte[] frame = random.Next(2) == 0 ? GuestFrames.Ip(
                random.Next(4) == 0 ? (byte)6 : (byte)17, 0x0A000202, new byte[random.Next(60)]) : new byte[random.Next(14, 200)];
            for (int hit = random.Next(8); hit > 0; hit--)
                frame[random.Next(12, frame.Length)] = (byte)random.Next(256);
            GuestFrames.Mac.Write(frame.AsSpan(6));
            Send(lan, frame);
        }

        Send(lan, GuestFrames.Arp());
        ExpectFrame(frame => frame[12] == 8 && frame[13] == 6 && MacAddress.Read(frame.AsSpan(22)) == GuestFrames.Gateway
            && frame.Length >= 42
            && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(28)) == 0x0A000202);
    }

    [Theory]
    [InlineData("192.168.19.1", "192.168.19.1", null, null)]
    [InlineData("192.168.19.1:02:00:00:00:00:07", "192.168.19.1", null, "02:00:00:00:00:07")]
    [InlineData("bridge:br0", null, "br0", null)]
    [InlineData("bridge:br0:02:00:00:00:00:07", null, "br0", "02:00:00:00:00:07")]
    public void A_tunnel_is_an_address_or_a_bridge_and_may_name_the_card(string text, string? address, string? bridge, string? mac)
    {
        var settings = TunnelSettings.Parse(text, out var given).ShouldNotBeNull();
        settings.Address?.ToString().ShouldBe(address);
        settings.Bridge.ShouldBe(bridge);
        given?.ToString().ShouldBe(mac);
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.168.19")]
    [InlineData("192.168.19.256")]
    [InlineData("bridge:")]
    [InlineData("bridge:a/b")]
    [InlineData("bridge:a-name-of-sixteen")]
    [InlineData("192.168.19.1:00:00:00:00:00:00")]
    [InlineData("192.168.19.1:ff:ff:ff:ff:ff:ff")]
    [InlineData("bridge:br0:01:00:5e:00:00:01")]
    public void Anything_else_is_none(string text) => TunnelSettings.Parse(text, out _).ShouldBeNull();

    private static byte[] Discover()
    {
        byte[] message = new byte[8 + 244];
        BinaryPrimitives.WriteUInt16BigEndian(message, 68);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 67);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), (ushort)message.Length);
        message[8] = 1;
        message[9] = 1;
        message[10] = 6;
        GuestFrames.Mac.Write(message.AsSpan(8 + 28));
        byte[] options = [99, 130, 83, 99, 53, 1, 1, 255];
        options.CopyTo(message, 8 + 236);
        byte[] frame = GuestFrames.Ip(17, 0xFFFFFFFF, message, from: 0);
        MacAddress.Broadcast.Write(frame);
        return frame;
    }

    /// <summary>A lan with a way out and a port of ours; skips the test where there is no libslirp.</summary>
    private IActorRef Lan(params PortForward[] forwards)
    {
        Skip.IfNot(HasSlirp, "libslirp.so.0 is missing (libslirp0)");
        var net = NetSettings.From(Sys.Settings.Config);
        var lan = Sys.ActorOf(LanActor.Props(new LanSettings("out"), net));
        Sys.ActorOf(WayOut.Nat(lan, net, NatSettings.Usual, forwards, (forward, problem) => _told.Enqueue((forward, problem))));
        lan.Tell(new LanProtocol.Connect(Port, GuestFrames.Mac, TestActor));
        ExpectMsg<LanProtocol.Connected>();
        AwaitAssert(() =>
        {
            lan.Tell(LanProtocol.GetStatistics.Instance);
            ExpectMsg<LanProtocol.Statistics>().Ports.Count.ShouldBe(2);
        }, TimeSpan.FromSeconds(20));
        return lan;
    }

    private void Send(IActorRef lan, byte[] frame) => lan.Tell(new LanProtocol.Transmit(Port, FrameBatch.Of(frame)));

    private void ExpectFrame(Predicate<byte[]> isIt, int seconds = 10)
    {
        FishForMessage(
            message =>
            {
                if (message is not LanProtocol.Deliver delivery)
                    return false;
                bool found = false;
                foreach (var frame in delivery.Frames)
                    found = found || isIt(frame.Bytes.ToArray());
                delivery.Done();
                return found;
            },
            TimeSpan.FromSeconds(seconds));
    }
}
