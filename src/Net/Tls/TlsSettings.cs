// The certificate of a node and the authority that it trusts. Remoting and trunks use the same settings, so they trust the same peers.

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Lguest.Net.Tls;

/// <summary>Mutual TLS between nodes.</summary>
/// <param name="Certificate">The node's own, with its private key.</param>
/// <param name="Authority">
/// Who signs the certificates of all nodes; nobody else is trusted, the machine's own list of authorities included.
/// </param>
public sealed record TlsSettings(X509Certificate2 Certificate, X509Certificate2 Authority)
{
    /// <summary>How a node answers a connection: it wants the other's certificate.</summary>
    public SslServerAuthenticationOptions Server => new()
    {
        ServerCertificate = Certificate,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.None, // the machine's choice
        RemoteCertificateValidationCallback = (_, peer, _, _) => Trusts(peer),
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
        RemoteCertificateValidationCallback = (_, peer, _, _) => Trusts(peer),
    };

    /// <summary>
    /// Whether a peer is one of ours: its certificate is signed by the authority and valid today. Its host name does not matter, for a
    /// node may move.
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
        return chain.Build(certificate) ? null : string.Join("; ", chain.ChainStatus.Select(Words).Distinct());
    }

    private static string Words(X509ChainStatus status) => status.Status switch
    {
        X509ChainStatusFlags.NotTimeValid => "its certificate has expired or is not valid yet",
        X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.NotSignatureValid =>
            "its certificate is signed by another authority",
        _ => status.StatusInformation.TrimEnd('.', ' '),
    };
}
