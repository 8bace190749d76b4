// Trunks under mutual TLS: a peer without a certificate of the cluster's authority, made for a node, does not get as far as the token, and
// remoting goes on without a trunk.

using Akka.Actor;
using Akka.Event;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Tls;
using Lguest.Net.Tls;

namespace Lguest.Net.Tests.Nodes;

public sealed class SecureTrunkSpec : IDisposable
{
    private const string Quick = "lguest.net.trunk { retry-longest = 100ms }";
    private static readonly LanSettings _green = new("green");
    private readonly TestAuthority _authority = new("ours");
    private readonly TestAuthority _other = new("theirs");

    [Fact]
    public void Two_nodes_of_one_authority_have_a_trunk()
    {
        using var left = new LanNode("left", _green, Quick, _authority.Node("left"));
        using var right = new LanNode("right", _green, Quick, _authority.Node("right"));
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
        using var left = new LanNode("left", _green, Quick, _authority.Node("left"));
        using var right = new LanNode("right", _green, Quick, isPlain ? null : _other.Node("right"));
        Join(left, right);
        var (a, b) = (left.Guest("a", 1), right.Guest("b", 2));
        Until(() => left.Trunks().Refused + right.Trunks().Refused > 0);

        a.Sends(to: null, 1);
        b.Hears(1);

        left.Trunks().Trunks.ShouldBeEmpty();
        right.Trunks().Trunks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_certificate_that_the_authority_has_made_for_something_else_opens_no_trunk_and_the_log_says_why(bool isLeft)
    {
        const string warn = Quick + "\nakka.loglevel = WARNING";
        var web = _authority.Signed("www.example.com", TlsSettings.ServerPurpose, TlsSettings.ClientPurpose);
        using var left = new LanNode("left", _green, warn, isLeft ? web : _authority.Node("left"));
        using var right = new LanNode("right", _green, warn, isLeft ? _authority.Node("right") : web);
        using var log = Inbox.Create(right.System);
        right.System.EventStream.Subscribe(log.Receiver, typeof(Warning));
        Join(left, right);

        // The one whose address comes first calls the other, which may be either.
        Until(() => left.Trunks().Refused + right.Trunks().Refused > 0);

        left.Trunks().Trunks.ShouldBeEmpty();
        right.Trunks().Trunks.ShouldBeEmpty();
        if (isLeft && right.Trunks().Refused > 0)
            log.Receive(TimeSpan.FromSeconds(20)).ShouldBeOfType<Warning>().ToString().ShouldContain("neither the purpose");
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

    private static void Until(Func<bool> happened) => SpinWait.SpinUntil(happened, TimeSpan.FromSeconds(30)).ShouldBeTrue();
}
