// What can be wrong with the certificate of a node, and with a topology that has none: each is told when the node starts, on one line,
// with the place of the setting and with what to do.

using Lguest.Topology.Actors;
using Lguest.Topology.Certificates;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

public sealed class TlsFilesSpec : IDisposable
{
    private static readonly string[] _nodes = ["a", "b"];
    private readonly string _path = Directory.CreateTempSubdirectory("lguest-tls").FullName;
    private readonly CertificateFolder _certificates;

    public TlsFilesSpec()
    {
        _certificates = new CertificateFolder(_path);
        _certificates.Issue(["old"], DateTimeOffset.UtcNow - TimeSpan.FromDays(100), TimeSpan.FromDays(10));
        _certificates.Issue(["a", "b"], DateTimeOffset.UtcNow);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Each_node_has_its_own_files()
    {
        var files = Files("%node%.pem", "%node%-key.pem");

        files.Read("a", _nodes).Certificate.Subject.ShouldBe("CN=a");
        files.Read("b", _nodes).Trusts(files.Read("a", _nodes).Certificate).ShouldBeTrue();
        files.Read("a", _nodes).Certificate.HasPrivateKey.ShouldBeTrue();
    }

    [Theory]
    [InlineData("none.pem", "a-key.pem", "there is no file")]
    [InlineData("a.pem", "none.pem", "there is no file")]
    [InlineData("", "a-key.pem", "cannot be read")]
    [InlineData("words.pem", "a-key.pem", "words.pem is not a certificate in PEM")]
    [InlineData("a-key.pem", "a-key.pem", "a-key.pem is not a certificate in PEM")]
    [InlineData("a.pem", "b-key.pem", "b-key.pem is not the key of")]
    [InlineData("a.pem", "a.pem", "a.pem is not the key of")]
    [InlineData("old.pem", "old-key.pem", "expired")]
    [InlineData("other/a.pem", "other/a-key.pem", "by another authority")]
    public void What_is_wrong_with_them_is_told_on_one_line_with_its_place(string certificate, string key, string words)
    {
        File.WriteAllText(Path.Combine(_path, "words.pem"), "no certificate");
        new CertificateFolder(Path.Combine(_path, "other")).Issue(["a"], DateTimeOffset.UtcNow);

        string told = Should.Throw<MisconfiguredException>(() => Files(certificate, key).Read("a", _nodes)).Message;

        told.ShouldContain(words);
        told.ShouldMatch(@"^x\.conf:\d+:\d+: node 'a': .*\./lguest cert DIR a");
        told.ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("host = \"10.1.2.3\"", "10.1.2.3")]
    [InlineData("listen-host = \"0.0.0.0\"", "0.0.0.0")]
    [InlineData("host = somewhere.example.org", "somewhere.example.org")]
    [InlineData("host = \"::\"", "::")]
    public void A_node_that_others_can_reach_does_not_start_without(string setting, string address)
    {
        string text = $"lguest {{ nodes {{ a {{ }} \n b {{ {setting} }} }}\n guests.g {{ }} }}";

        string told = Should.Throw<MisconfiguredException>(() => Read(text)).Message;

        told.ShouldStartWith("x.conf:2:");
        told.ShouldContain($"node 'b': anyone who reaches {address} can control it; make certificates with ./lguest cert DIR a b");
        Read(text + "\nlguest.cluster.insecure = on").Topology.Cluster.Tls.ShouldBeNull();
        Read(text + "\nlguest.cluster.tls { certificate = a, key = b, authority = c }").Topology.Cluster.Tls.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("localhost")]
    [InlineData("::1")]
    public void One_that_only_this_machine_can_reach_needs_none(string host) =>
        Read($"lguest {{ nodes.a {{ host = \"{host}\" }}\n guests.g {{ }} }}").Topology.Cluster.Tls.ShouldBeNull();

    [Fact]
    public void Half_of_them_is_told() =>
        Should.Throw<MisconfiguredException>(
            () => Read("lguest { nodes.a { }\n guests.g { }\n cluster.tls { certificate = a, authority = c } }"))
            .Message.ShouldContain("lguest.cluster.tls has no key");

    private TlsFiles Files(string certificate, string key) =>
        new(new TlsFile(Path.Combine(_path, certificate), new Place("x.conf", 1, 2)),
            new TlsFile(Path.Combine(_path, key), new Place("x.conf", 2, 2)),
            new TlsFile(_certificates.CertificateOf(CertificateFolder.AuthorityName), new Place("x.conf", 3, 2)));

    private static TopologyFile Read(string text) => TopologyFile.Parse("x.conf", text, _ => null, _ => true);
}
