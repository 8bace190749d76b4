// TLS as both runtimes have it: one certificate on either side, and nobody asks who signed it.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

public sealed class RemoteTlsSpec() : RemoteSpecBase(
    $$"""
    akka.remote.dot-netty.tcp {
      enable-ssl = true
      ssl { suppress-validation = true, certificate { path = "{{_certificate.Value}}", password = "secret" } }
    }
    """)
{
    private static readonly Lazy<string> _certificate = new(NewCertificate);

    [Fact]
    public async Task An_encrypted_line_carries_the_same_messages()
    {
        OtherAddress.Protocol.ShouldBe("akka.ssl.tcp");
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        var bytes = new byte[100_000];
        new Random(7).NextBytes(bytes);

        (await echo.Ask<byte[]>(bytes, TimeSpan.FromSeconds(20))).ShouldBe(bytes);
        (await echo.Ask<string>("hello", TimeSpan.FromSeconds(20))).ShouldBe("hello");
    }

    private static string NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var path = Path.Combine(Directory.CreateTempSubdirectory("lguest-tls").FullName, "node.p12");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pfx, "secret"));
        return path;
    }
}
