// Which certificates of one's own authority are those of nodes: an authority signs much else.

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Lguest.Net.Tls;

namespace Lguest.Net.Tests.Tls;

public sealed class TlsSettingsSpec : IDisposable
{
    private const string Server = TlsSettings.ServerPurpose;
    private const string Client = TlsSettings.ClientPurpose;
    private const string Node = TlsSettings.NodePurpose;
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    private const string NotBoth =
        "its certificate is not for both ends of a connection (extended key usage: server and client authentication)";
    private const string NoNode =
        "its certificate is not that of a node (it has neither the purpose that ./lguest cert gives nor the name of a node)";

    private readonly TestAuthority _company = new("company");

    [Theory]
    [InlineData("anything", Server, Client, Node)]
    [InlineData("left", Server, Client)]
    [InlineData("LEFT", Server, Client, CodeSigning)]
    [InlineData("node", Server, Client)]
    public void One_that_was_made_for_a_node_is_trusted(string name, params string[] purposes) => Problem(name, purposes).ShouldBeNull();

    [Theory]
    [InlineData("www.example.com", NoNode, Server, Client)]
    [InlineData("*.example.com", NoNode, Server, Client)]
    [InlineData("left.example.com", NoNode, Server, Client)]
    [InlineData("someone", NotBoth, Client)]
    [InlineData("left", NotBoth, Server)]
    [InlineData("left", NotBoth, CodeSigning)]
    [InlineData("left", NotBoth, Node)]
    [InlineData("left", NotBoth)]
    public void One_that_was_made_for_something_else_is_not(string name, string problem, params string[] purposes) =>
        Problem(name, purposes).ShouldBe(problem);

    [Theory]
    [InlineData(null, "www.example.com", "left")]
    [InlineData(null, "left", "www.example.com")]
    [InlineData(NoNode, "www.example.com", "mail.example.com")]
    [InlineData(NoNode)]
    public void One_of_its_names_has_to_be_that_of_a_node(string? problem, params string[] names) =>
        (_company.Node("left") with { Nodes = ["left"] })
            .Problem(_company.Signed(names, DateTimeOffset.UtcNow.AddHours(1), [Server, Client]).Certificate).ShouldBe(problem);

    [Fact]
    public void What_a_stranger_shows_makes_nobody_fetch_anything()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string issuer = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/authority.crt";
        using TestAuthority other = new("other");
        var stranger = other.Signed(["right"], DateTimeOffset.UtcNow.AddHours(1), [Server, Client, Node],
            new X509AuthorityInformationAccessExtension([], [issuer]));

        _company.Node("left").Problem(stranger.Certificate).ShouldBe("its certificate is signed by another authority");

        listener.Pending().ShouldBeFalse("its certificate names a place to fetch its authority from");
    }

    [Fact]
    public void Nobody_without_a_certificate_is_trusted_nor_one_of_another_authority()
    {
        using TestAuthority other = new("other");
        var left = _company.Node("left");

        left.Problem(null).ShouldBe("it presents no certificate");
        left.Trusts(null).ShouldBeFalse();
        left.Trusts(_company.Node("right").Certificate).ShouldBeTrue();
        left.Problem(other.Node("right").Certificate).ShouldBe("its certificate is signed by another authority");
        left.Problem(_company.Signed("right", DateTimeOffset.UtcNow.AddHours(-3)).Certificate)
            .ShouldBe("its certificate has expired or is not valid yet");
    }

    [Fact]
    public async Task Two_nodes_shake_hands_and_each_has_seen_the_others_certificate()
    {
        var (left, right) = (_company.Node("left"), _company.Node("right"));

        var (server, client) = await Meet(left.Server, right.Client("where.it.is"));

        server.ShouldBe("CN=right");
        client.ShouldBe("CN=left");
    }

    [Fact]
    public async Task Neither_end_accepts_what_is_no_node_and_each_says_why()
    {
        using TestAuthority other = new("other");
        var left = _company.Node("left");
        const string Foreign = "its certificate is signed by another authority";

        var trusting = other.Node("right").Client("x");
        trusting.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        (await Meet(left.Server, trusting)).Server.ShouldBe(Foreign);
        (await Meet(other.Node("right").Server, left.Client("x"))).Client.ShouldBe(Foreign);
        SslClientAuthenticationOptions silent = new()
        {
            TargetHost = "x",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
        (await Meet(left.Server, silent)).Server.ShouldBe("it presents no certificate");
    }

    public void Dispose() => _company.Dispose();

    /// <summary>A handshake: what each end has seen of the other, or why it refused.</summary>
    private static async Task<(string Server, string Client)> Meet(
        SslServerAuthenticationOptions serves, SslClientAuthenticationOptions calls)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using TcpClient calling = new();
        await calling.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var called = await listener.AcceptTcpClientAsync();
        using SslStream server = new(called.GetStream()), client = new(calling.GetStream());
        var served = Outcome(server, server.AuthenticateAsServerAsync(serves), called);
        var asked = Outcome(client, client.AuthenticateAsClientAsync(calls), calling);
        return (await served, await asked);

        static async Task<string> Outcome(SslStream stream, Task handshake, TcpClient socket)
        {
            try
            {
                await handshake.WaitAsync(TimeSpan.FromSeconds(30));
                return stream.RemoteCertificate?.Subject ?? "nobody";
            }
            catch (Exception problem) when (problem is AuthenticationException or IOException)
            {
                // The other end must not wait for more.
                socket.Close();
                return problem.Message;
            }
        }
    }

    private string? Problem(string name, string[] purposes) =>
        (_company.Node("left") with { Nodes = ["left", "right", "www"] }).Problem(_company.Signed(name, purposes).Certificate);
}
