// The certificate of a node and the authority that it trusts. Remoting and trunks use the same settings, so they trust the same peers. The
// authority may be that of a company and sign much else: what it has signed for a web server must not control Guests.

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lguest.Net.Tls;

/// <summary>Mutual TLS between nodes.</summary>
/// <param name="Certificate">The node's own, with its private key.</param>
/// <param name="Authority">
/// Who signs the certificates of all nodes; nobody else is trusted, the machine's own list of authorities included.
/// </param>
public sealed record TlsSettings(X509Certificate2 Certificate, X509Certificate2 Authority)
{
    /// <summary>The purpose, among the extended key usages (RFC 5280, 4.2.1.12), by which a certificate is one of a node. The number is a
    /// UUID, which needs no registration (ITU-T X.667).</summary>
    public const string NodePurpose = "2.25.68978472253694777991089375122049205507";

    /// <summary>To show it when called (id-kp-serverAuth).</summary>
    public const string ServerPurpose = "1.3.6.1.5.5.7.3.1";

    /// <summary>To show it when calling (id-kp-clientAuth).</summary>
    public const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    /// <summary>The name in a certificate that all nodes share.</summary>
    public const string UsualName = "node";

    /// <summary>Names of the nodes: one of them in a certificate stands for <see cref="NodePurpose"/>, which certificates that lguest has
    /// not made need not have.</summary>
    public IReadOnlyCollection<string> Nodes { get; init; } = [];

    /// <summary>How a node answers a connection: it wants the other's certificate.</summary>
    public SslServerAuthenticationOptions Server => new()
    {
        ServerCertificate = Certificate,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.None, // the machine's choice
        RemoteCertificateValidationCallback = (_, peer, _, _) => Check(peer),
    };

    /// <summary>How a node opens a connection: it has a certificate to show.</summary>
    /// <param name="host">The host that is called.</param>
    public SslClientAuthenticationOptions Client(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = [Certificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => Certificate,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.None, // the machine's choice
        RemoteCertificateValidationCallback = (_, peer, _, _) => Check(peer),
    };

    /// <summary>
    /// Whether a peer is one of ours: its certificate is signed by the authority, valid today, and made for a node. Its host name does not
    /// matter, for a node may move.
    /// </summary>
    /// <param name="peer">What it has shown; null for nothing.</param>
    public bool Trusts(X509Certificate? peer) => Problem(peer) is null;

    /// <summary>Why a peer is not trusted, in a few words; null when it is.</summary>
    public string? Problem(X509Certificate? peer)
    {
        if (peer is null)
            return "it presents no certificate";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        using var certificate = new X509Certificate2(peer);
        return chain.Build(certificate) ? ProblemOfPurpose(certificate) : string.Join("; ", chain.ChainStatus.Select(Words).Distinct());
    }

    /// <exception cref="AuthenticationException">It is not trusted; the message says why, which false would not.</exception>
    private bool Check(X509Certificate? peer) => Problem(peer) is { } problem ? throw new AuthenticationException(problem) : true;

    private string? ProblemOfPurpose(X509Certificate2 certificate)
    {
        try
        {
            var purposes = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
                .SelectMany(usage => usage.EnhancedKeyUsages.Cast<Oid>()).Select(purpose => purpose.Value).ToHashSet();
            if (!purposes.Contains(ServerPurpose) || !purposes.Contains(ClientPurpose))
                return "its certificate is not for both ends of a connection (extended key usage: server and client authentication)";
            return purposes.Contains(NodePurpose) || NamesOf(certificate).Any(IsNode)
                ? null
                : "its certificate is not that of a node (it has neither the purpose that ./lguest cert gives nor the name of a node)";
        }
        catch (CryptographicException)
        {
            return "its certificate is malformed";
        }
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames());

    private bool IsNode(string name) =>
        name.Equals(UsualName, StringComparison.OrdinalIgnoreCase) || Nodes.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string Words(X509ChainStatus status) => status.Status switch
    {
        X509ChainStatusFlags.NotTimeValid => "its certificate has expired or is not valid yet",
        X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.NotSignatureValid =>
            "its certificate is signed by another authority",
        _ => status.StatusInformation.TrimEnd('.', ' '),
    };
}
