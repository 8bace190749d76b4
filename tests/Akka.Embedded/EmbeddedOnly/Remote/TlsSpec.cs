// TLS with certificates on both sides, signed by an authority of our own that travels in the PKCS #12 file: who has none, or one of somebody
// else, stays outside.

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Remote;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class TlsSpec : IDisposable
{
    private const string Password = "secret";
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-tls").FullName;
    private readonly List<ActorSystem> _systems = [];

    [Fact]
    public async Task Two_that_trust_the_same_authority_talk()
    {
        var authority = NewAuthority();
        var left = Start("left", Tls(Certificate(authority, "left")));
        var right = Start("right", Tls(Certificate(authority, "right")));

        AddressOf(right).Protocol.ShouldBe("akka.ssl.tcp");
        (await Ask(left, right)).ShouldBe("hello");
        (await Ask(right, left)).ShouldBe("hello");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_enough()
    {
        var left = Start("left", Tls(Certificate(NewAuthority(), "left")));
        var right = Start("right", Tls(Certificate(NewAuthority(), "right")));

        await Should.ThrowAsync<AskTimeoutException>(Ask(left, right, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public async Task The_clients_certificate_is_looked_at_as_well()
    {
        var authority = NewAuthority();
        // This one trusts anybody, but has nothing to show that others would trust.
        var left = Start("left", Tls(Certificate(NewAuthority(), "left"), "suppress-validation = true"));
        var right = Start("right", Tls(Certificate(authority, "right")));

        await Should.ThrowAsync<AskTimeoutException>(Ask(left, right, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Without_a_certificate_nothing_starts()
    {
        var failed = Should.Throw<ConfigurationException>(() => Start("left", "akka.remote.dot-netty.tcp.enable-ssl = true"));

        failed.Message.ShouldContain("certificate.path");
    }

    public void Dispose()
    {
        Task.WaitAll(_systems.Select(system => system.Terminate()));
        Directory.Delete(_folder, recursive: true);
    }

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private static Task<string> Ask(ActorSystem from, ActorSystem to, TimeSpan? limit = null) =>
        from.ActorSelection($"{AddressOf(to)}/user/echo").Ask<string>("hello", limit ?? _long);

    private static X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static string Tls(string path, string more = "") =>
        $$"""
        akka.remote.dot-netty.tcp {
          enable-ssl = true
          ssl { certificate { path = "{{path}}", password = "{{Password}}" }, {{more}} }
        }
        """;

    private ActorSystem Start(string name, string tls)
    {
        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString(tls).WithFallback(
            "akka { loglevel = ERROR, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }"));
        system.ActorOf(Props.Create(() => new Echo()), "echo");
        _systems.Add(system);
        return system;
    }

    private string Certificate(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var certificate = bare.CopyWithPrivateKey(key);
        using var alone = X509CertificateLoader.LoadCertificate(authority.RawData);
        var path = Path.Combine(_folder, $"{name}.p12");
        File.WriteAllBytes(path, new X509Certificate2Collection { certificate, alone }.Export(X509ContentType.Pfx, Password)!);
        return path;
    }
}
