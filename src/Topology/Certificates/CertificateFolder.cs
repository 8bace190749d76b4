// Certificates for the nodes of a cluster, made without any other tool: a small authority in a folder, and beside it one certificate for
// each node that it signs. The authority's key is needed only to add nodes; no node needs it.

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lguest.Devices;
using Lguest.Net.Tls;

namespace Lguest.Topology.Certificates;

/// <summary>
/// A folder with <c>authority.pem</c>, <c>authority-key.pem</c>, and for each node <c>NAME.pem</c> and <c>NAME-key.pem</c>.
/// </summary>
/// <param name="path">The folder.</param>
internal sealed class CertificateFolder(string path)
{
    public const string AuthorityName = "authority";
    private const int SerialBytes = 16;
    private static readonly string[] _purposes = [TlsSettings.ServerPurpose, TlsSettings.ClientPurpose, TlsSettings.NodePurpose];
    private static readonly TimeSpan _clockDifference = TimeSpan.FromDays(1);
    private static readonly TimeSpan _authorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan _nodeLife = TimeSpan.FromDays(1825);

    /// <summary>The file of a certificate.</summary>
    public string CertificateOf(string name) => Path.Combine(path, name + ".pem");

    /// <summary>The file of its private key.</summary>
    public string KeyOf(string name) => Path.Combine(path, name + "-key.pem");

    /// <summary>Makes a certificate for each name, and the authority before if the folder has none.</summary>
    /// <param name="names">Of nodes; each is in its certificate as a host name or address.</param>
    /// <param name="now">The time from which they are valid, less a day for clocks that go wrong.</param>
    /// <param name="life">For how long; null for five years.</param>
    /// <exception cref="RefusedException">A file is there already, or cannot be read or written.</exception>
    public void Issue(IReadOnlyList<string> names, DateTimeOffset now, TimeSpan? life = null)
    {
        if (names.FirstOrDefault(name => File.Exists(CertificateOf(name)) || File.Exists(KeyOf(name))) is { } taken)
            throw new RefusedException(
                $"{path} has a certificate for '{taken}' already; take {CertificateOf(taken)} and {KeyOf(taken)} away to make a new one");
        try
        {
            Directory.CreateDirectory(path);
            using var authority = Authority(now);
            foreach (string name in names)
            {
                using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
                using var certificate = Request(name, key).Create(authority, now - _clockDifference, now + (life ?? _nodeLife), serial);
                Write(name, certificate, key);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException
            or ArgumentException)
        {
            throw new RefusedException($"certificates cannot be made in {path}: {Reason(problem)}; choose another folder");
        }
    }

    private string Reason(Exception problem) => File.Exists(path) ? "it is not a folder" : problem.Message.TrimEnd('.');

    private X509Certificate2 Authority(DateTimeOffset now)
    {
        if (File.Exists(CertificateOf(AuthorityName)))
            return X509Certificate2.CreateFromPemFile(CertificateOf(AuthorityName), KeyOf(AuthorityName));
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lguest authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var authority = request.CreateSelfSigned(now - _clockDifference, now + _authorityLife);
        Write(AuthorityName, authority, key);
        return authority;
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN=\"{name}\""), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([.. _purposes.Select(purpose => new Oid(purpose))], critical: false));
        return request;
    }

    /// <summary>The key first, and for nobody else to read.</summary>
    private void Write(string name, X509Certificate2 certificate, ECDsa key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(KeyOf(name), options))
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificateOf(name), certificate.ExportCertificatePem() + "\n");
    }
}
