// An authority for tests, which signs whatever they want.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lguest.Net.Tls;

namespace Lguest.Net.Tests.Tls;

internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>A node with a certificate as ./lguest cert makes it.</summary>
    public TlsSettings Node(string name) => Signed(name, TlsSettings.ServerPurpose, TlsSettings.ClientPurpose, TlsSettings.NodePurpose);

    /// <summary>Somebody with a certificate for anything.</summary>
    public TlsSettings Signed(string name, params string[] purposes) => Signed(name, DateTimeOffset.UtcNow.AddHours(1), purposes);

    /// <summary>The same, until a moment.</summary>
    public TlsSettings Signed(string name, DateTimeOffset until, params string[] purposes) => Signed([name], until, purposes);

    /// <summary>The same with any number of names.</summary>
    public TlsSettings Signed(IReadOnlyList<string> names, DateTimeOffset until, string[] purposes, params X509Extension[] more)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names.FirstOrDefault("nameless")}", key, HashAlgorithmName.SHA256);
        if (names.Count > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (string name in names)
                alternatives.AddDnsName(name);
            request.CertificateExtensions.Add(alternatives.Build());
        }

        foreach (var extension in more)
            request.CertificateExtensions.Add(extension);
        if (purposes.Length > 0)
        {
            request.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension([.. purposes.Select(one => new Oid(one))], critical: false));
        }

        using var signed = request.Create(_certificate, until.AddHours(-2), until, RandomNumberGenerator.GetBytes(8));
        return new TlsSettings(signed.CopyWithPrivateKey(key), _certificate);
    }

    public void Dispose() => _certificate.Dispose();
}
