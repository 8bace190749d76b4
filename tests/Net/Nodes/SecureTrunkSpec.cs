// Trunks under mutual TLS: a peer without a certificate of the cluster's authority does not get as far as the token, and remoting goes on
// without a trunk.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lguest.Net.Lans;
using Lguest.Net.Tls;

namespace Lguest.Net.Tests.Nodes;

public sealed class SecureTrunkSpec : IDisposable
{
    private const string Quick = "lguest.net.trunk { retry-longest = 100ms }";
    private static readonly LanSettings _green = new("green");
    private readonly X509Certificate2 _authority = Authority("ours");
    private readonly X509Certificate2 _other = Authority("theirs");

    [Fact]
    public void Two_nodes_of_one_authority_have_a_trunk()
    {
        using var left = new LanNode("left", _green, Quick, Node("left", _authority));
        using var right = new LanNode("right", _green, Quick, Node("right", _authority));
        Join(left, right);
        Until(() => left.Trunks().Trunks.Count == 1 && right.Trunks().Trunks.Count == 1);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));

        for (int round = 0; round < 50; round++)
        {
            a.Sends(to: null, Enumerable.Range(round * 100, 100));
            b.Hears(Enumerable.Range(round * 100, 100));
            b.Sends(to: a, round);
            a.Hears(round);
        }

        right.Trunks().Trunks.Values.Single().Received.ShouldBeGreaterThan(40);
        left.Statistics().Peers.Single().DroppedFrames.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_node_of_another_authority_or_of_none_has_no_trunk_and_remoting_carries_its_frames(bool isPlain)
    {
        using var left = new LanNode("left", _green, Quick, Node("left", _authority));
        using var right = new LanNode("right", _green, Quick, isPlain ? null : Node("right", _other));
        Join(left, right);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));
        Until(() => left.Trunks().Refused + right.Trunks().Refused > 0);

        a.Sends(to: null, 1);
        b.Hears(1);

        left.Trunks().Trunks.ShouldBeEmpty();
        right.Trunks().Trunks.ShouldBeEmpty();
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    private static void Join(LanNode left, LanNode right)
    {
        left.Introduce(right);
        right.Introduce(left);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static TlsSettings Node(string name, X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        using var signed = request.Create(authority, now.AddHours(-1), now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return new TlsSettings(signed.CopyWithPrivateKey(key), authority);
    }

    private static void Until(Func<bool> happened) => SpinWait.SpinUntil(happened, TimeSpan.FromSeconds(30)).ShouldBeTrue();
}
