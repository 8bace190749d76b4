// TLS with certificates on both sides: each end shows one and checks the other's. Trust comes from the machine's store, or, where the PKCS #12
// file holds more than our own certificate, from the authorities in that file, so that a private authority needs no administrator.

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;

namespace Akka.Remote.Transport;

internal sealed class TlsSettings
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _authorities = [];
    private readonly bool _suppressValidation;

    internal TlsSettings(Config config)
    {
        _suppressValidation = config.GetBoolean("suppress-validation");
        if (config.GetBoolean("certificate.use-thumbprint-over-file"))
        {
            _certificate = FromStore(config);
            return;
        }

        var path = config.GetString("certificate.path");
        if (string.IsNullOrEmpty(path)) throw new ConfigurationException("akka.remote.dot-netty.tcp.ssl.certificate.path is not set, though enable-ssl is on");
        try
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, config.GetString("certificate.password"));
            _certificate = all.FirstOrDefault(one => one.HasPrivateKey);
            _authorities.AddRange(all.Where(one => !one.HasPrivateKey).ToArray());
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"akka.remote.dot-netty.tcp.ssl.certificate.path [{path}] cannot be read: {failure.Message}", failure);
        }

        if (_certificate is null) throw new ConfigurationException($"akka.remote.dot-netty.tcp.ssl.certificate.path [{path}] holds no certificate with a private key");
    }

    internal Task<Stream> AsClient(Stream stream, string host, CancellationToken cancellation) => Secure(stream, tls => tls.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificates = [_certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors),
        },
        cancellation));

    internal Task<Stream> AsServer(Stream stream, CancellationToken cancellation) => Secure(stream, tls => tls.AuthenticateAsServerAsync(
        new SslServerAuthenticationOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors),
        },
        cancellation));

    private static async Task<Stream> Secure(Stream stream, Func<SslStream, Task> shakeHands)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await shakeHands(tls).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            // Whatever went wrong, the stream is of no use to anybody now; the caller hears of it.
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private bool IsTrusted(X509Certificate certificate, X509Chain chain, SslPolicyErrors errors)
    {
        if (_suppressValidation) return true;
        if (certificate is null) return false;
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || _authorities.Count == 0) return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.ExtraStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
            foreach (var element in chain.ChainElements) own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var remote = new X509Certificate2(certificate);
        return own.Build(remote);
    }

    private static X509Certificate2 FromStore(Config config)
    {
        var thumbprint = config.GetString("certificate.thumbprint");
        if (string.IsNullOrWhiteSpace(thumbprint)) throw new ConfigurationException("akka.remote.dot-netty.tcp.ssl.certificate.thumbprint is not set");
        var location = config.GetString("certificate.store-location") switch
        {
            "current-user" => StoreLocation.CurrentUser,
            "local-machine" => StoreLocation.LocalMachine,
            var other => throw new ConfigurationException($"akka.remote.dot-netty.tcp.ssl.certificate.store-location is [{other}]; it must be current-user or local-machine"),
        };
        using var store = new X509Store(config.GetString("certificate.store-name"), location);
        store.Open(OpenFlags.ReadOnly);
        var found = store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false);
        return found.Count > 0 ? found[0] : throw new ConfigurationException($"there is no certificate with the thumbprint [{thumbprint}] in the store");
    }
}
