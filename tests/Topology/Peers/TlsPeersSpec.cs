// A node under TLS and those who call it: one of its own authority is let in; one of another authority, one whose certificate the authority
// has made for something else, one without a certificate, and one that does not speak TLS are not.

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Lguest.Net.Tls;
using Lguest.Support;
using Lguest.Topology.Actors;
using Lguest.Topology.Certificates;

namespace Lguest.Topology.Tests.Peers;

public sealed class TlsPeersSpec : IAsyncLifetime
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _short = TimeSpan.FromSeconds(8);

    private readonly string _path = Directory.CreateTempSubdirectory("lguest-tls").FullName;
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public async Task A_peer_of_the_same_authority_is_let_in_and_one_of_another_is_not()
    {
        var node = Start("ours", "a");
        node.ActorOf(Props.Create(() => new Echo()), "echo");
        var friend = Start("ours", "b");
        var stranger = Start("theirs", "a");
        var path = new RootActorPath(((ExtendedActorSystem)node).Provider.DefaultAddress) / "user" / "echo";
        path.Address.Protocol.ShouldBe("akka.ssl.tcp");

        var found = await friend.ActorSelection(path).ResolveOne(_long);
        (await found.Ask<string>("there?", _long)).ShouldBe("there?");
        await Should.ThrowAsync<ActorNotFoundException>(stranger.ActorSelection(path).ResolveOne(_short));
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_TLS_is_not_let_in()
    {
        var node = Start("ours", "a");
        node.ActorOf(Props.Create(() => new Echo()), "echo");
        var address = ((ExtendedActorSystem)node).Provider.DefaultAddress;
        var plain = ActorSystem.Create("plain", PeerNodes.Stranger);
        _systems.Add(plain);

        await Should.ThrowAsync<ActorNotFoundException>(
            plain.ActorSelection(new RootActorPath(address.WithProtocol("akka.tcp")) / "user" / "echo").ResolveOne(_short));
    }

    [Fact]
    public async Task A_caller_without_a_certificate_is_hung_up_on() => await IsHungUpOn(Start("ours", "a"), null);

    [Fact]
    public async Task A_caller_whose_certificate_our_authority_has_made_for_something_else_is_hung_up_on()
    {
        var node = Start("ours", "a");
        var certificates = new CertificateFolder(Path.Combine(_path, "ours"));
        using var authority = X509Certificate2.CreateFromPemFile(
            certificates.CertificateOf(CertificateFolder.AuthorityName), certificates.KeyOf(CertificateFolder.AuthorityName));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=www.example.com", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(TlsSettings.ServerPurpose), new Oid(TlsSettings.ClientPurpose)], critical: false));
        var now = DateTimeOffset.UtcNow;
        using var signed = request.Create(authority, now.AddHours(-1), now.AddHours(1), [1, 2, 3]);
        using var web = signed.CopyWithPrivateKey(key);

        await IsHungUpOn(node, web);
    }

    private static async Task IsHungUpOn(ActorSystem node, X509Certificate2? certificate)
    {
        var address = ((ExtendedActorSystem)node).Provider.DefaultAddress;
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host!, address.Port!.Value);
        await using var stream = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = address.Host!,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
        };

        // With TLS 1.3 the caller learns it only when it reads.
        var refused = await Record.ExceptionAsync(async () =>
        {
            await stream.AuthenticateAsClientAsync(options);
            if (await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(_long) == 0)
                throw new IOException("closed");
        });

        (refused is IOException or AuthenticationException or SocketException).ShouldBeTrue(refused?.ToString());
    }

    private ActorSystem Start(string authority, string node)
    {
        var certificates = new CertificateFolder(Path.Combine(_path, authority));
        if (!File.Exists(certificates.CertificateOf(node)))
            certificates.Issue([node], DateTimeOffset.UtcNow);
        var file = TopologyFile.Parse(
            "x.conf",
            $$"""
            lguest {
              name = rack
              nodes { a { port = {{FreePorts.Next()}} }, b { port = {{FreePorts.Next()}} } }
              guests.g { }
              cluster.tls {
                certificate = "{{certificates.CertificateOf(node)}}"
                key = "{{certificates.KeyOf(node)}}"
                authority = "{{certificates.CertificateOf(CertificateFolder.AuthorityName)}}"
              }
            }
            """,
            _ => null,
            _ => true);
        var system = ClusterNode.Start(file, file.Topology.FindNode(node)!);
        _systems.Add(system);
        return system;
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
