// The certificate files of a node, named by the topology. They are read when the node starts, and errors are reported with the place of the
// setting.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lguest.Devices.Files;
using Lguest.Net.Files;
using Lguest.Net.Tls;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>What <c>lguest.cluster.tls</c> says.</summary>
/// <param name="Certificate">The node's certificate, PEM; %node% in it stands for the node's name. So in the others.</param>
/// <param name="Key">Its private key, PEM.</param>
/// <param name="Authority">The certificate of its signer, PEM.</param>
internal sealed record TlsFiles(TlsFile Certificate, TlsFile Key, TlsFile Authority)
{
    private const string NodeWord = "%node%";
    private const int Longest = 1 << 20;

    /// <summary>The files of a node, each with what it is.</summary>
    public IEnumerable<(string Setting, string Path)> Of(string node) =>
        [("certificate", PathOf(Certificate, node)), ("key", PathOf(Key, node)), ("authority", PathOf(Authority, node))];

    /// <summary>Reads them for a node.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="nodes">The names of all nodes of the topology.</param>
    /// <exception cref="MisconfiguredException">
    /// One cannot be read, they do not belong together, or the certificate is not valid today or not for a node.
    /// </exception>
    public TlsSettings Read(string node, IEnumerable<string> nodes)
    {
        string certificateText = Text(Certificate, node);
        string keyText = Text(Key, node);
        var authority = Parse(Authority, node, Text(Authority, node), "a certificate", text => X509Certificate2.CreateFromPem(text));
        using var bare = Parse(Certificate, node, certificateText, "a certificate", text => X509Certificate2.CreateFromPem(text));
        string keyOf = $"the key of {PathOf(Certificate, node)}";
        using var own = Parse(Key, node, keyText, keyOf, text => X509Certificate2.CreateFromPem(certificateText, text));

        // The key of a certificate that was read from text does not serve TLS on every system; one that went through PKCS 12 does.
        var settings = new TlsSettings(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null), authority)
        {
            Nodes = [.. nodes],
        };
        return settings.Problem(settings.Certificate) is { } problem
            ? throw Wrong(Certificate, $"{PathOf(Certificate, node)} would not be trusted by other nodes: {problem}", node)
            : settings;
    }

    private static string PathOf(TlsFile file, string node) => file.Path.Replace(NodeWord, node, StringComparison.Ordinal);

    private static string Text(TlsFile file, string node)
    {
        string path = PathOf(file, node);
        try
        {
            var (bytes, isWhole) = FileStart.Read(path, Longest);
            return isWhole ? Encoding.UTF8.GetString(bytes) : throw Wrong(file, $"{path} is longer than a PEM file", node);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Wrong(file, $"there is no file {path}", node);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Wrong(file, $"{path} cannot be read: {FileFault.Reason(problem, path)}", node);
        }
    }

    private static X509Certificate2 Parse(TlsFile file, string node, string text, string what, Func<string, X509Certificate2> parse)
    {
        try
        {
            return parse(text);
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            throw Wrong(file, $"{PathOf(file, node)} is not {what} in PEM", node);
        }
    }

    private static MisconfiguredException Wrong(TlsFile file, string problem, string node) =>
        new(file.Place, $"node '{node}': {problem}; ./lguest cert DIR {node} makes certificates");
}

/// <summary>A file with the place where it is named.</summary>
internal sealed record TlsFile(string Path, Place Place);
