// What names a way in, and why one cannot be had.

using System.Net;
using System.Net.Sockets;
using Lguest.Net.Outside;

namespace Lguest.Net.Tests.Outside;

public sealed class PortForwardSpec
{
    [Theory]
    [InlineData("tcp:8080:80", "http://127.0.0.1:8080 -> web:80", "tcp 8080 -> 80")]
    [InlineData("tcp:8443:443", "https://127.0.0.1:8443 -> web:443", "tcp 8443 -> 443")]
    [InlineData("tcp:0.0.0.0:2222:22", "tcp 0.0.0.0:2222 -> web:22", "tcp 0.0.0.0:2222 -> 22")]
    [InlineData("udp:5353:80", "udp 127.0.0.1:5353 -> web:80", "udp 5353 -> 80")]
    public void It_is_a_protocol_and_two_ports_and_may_name_an_address(string text, string told, string ways)
    {
        var forward = PortForward.Parse(text).ShouldNotBeNull() with { Name = "web" };

        forward.ToString().ShouldBe(told);
        forward.Ways.ShouldBe(ways);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8080:80")]
    [InlineData("tcp:8080")]
    [InlineData("sctp:8080:80")]
    [InlineData("tcp:0:80")]
    [InlineData("tcp:8080:65536")]
    [InlineData("tcp:+80:80")]
    [InlineData("tcp:localhost:8080:80")]
    [InlineData("tcp:127.1:8080:80")]
    [InlineData("tcp:::1:8080:80")]
    [InlineData("tcp:127.0.0.1:8080:80:1")]
    public void Anything_else_is_none(string text) => PortForward.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("tcp:8080:80", "tcp:8080:22", true)]
    [InlineData("tcp:8080:80", "tcp:0.0.0.0:8080:80", true)]
    [InlineData("tcp:8080:80", "udp:8080:80", false)]
    [InlineData("tcp:8080:80", "tcp:8081:80", false)]
    [InlineData("tcp:8080:80", "tcp:127.0.0.2:8080:80", false)]
    public void Two_clash_at_one_port_of_one_address(string one, string other, bool clash)
    {
        PortForward.Parse(one)!.Clashes(PortForward.Parse(other)!).ShouldBe(clash);
        PortForward.Parse(other)!.Clashes(PortForward.Parse(one)!).ShouldBe(clash);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_port_in_use_is_told(bool isUdp)
    {
        using Socket taken = new(AddressFamily.InterNetwork, isUdp ? SocketType.Dgram : SocketType.Stream,
            isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (!isUdp)
            taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        PortForward forward = new(isUdp, IPAddress.Loopback, port, 80);

        forward.Problem().ShouldBe($"{(isUdp ? "UDP" : "TCP")} port {port} of 127.0.0.1 is in use; choose another port, or end the "
            + "program that uses it");
        taken.Dispose();
        forward.Problem().ShouldBeNull();
    }

    [Fact]
    public void An_address_of_another_machine_is_told() =>
        PortForward.Parse("tcp:203.0.113.7:8080:80")!.Problem()
            .ShouldBe("203.0.113.7 is not an address of this machine; choose one that is, or leave it out");
}
