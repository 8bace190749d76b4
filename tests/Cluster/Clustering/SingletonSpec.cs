// One of a kind in a cluster: the leader of a topology (TopologyActor) is a singleton, and decides alone which Guest runs where. It lives
// on the oldest member, moves when its node goes, and is never there twice: a second leader could start a Guest that runs already.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Lguest.Support;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class SingletonSpec : ClusterSpecBase
{
    private readonly ConcurrentQueue<(string What, Address Where)> _lives = new();

    private int Living => _lives.Count(life => life.What == "started") - _lives.Count(life => life.What == "stopped");

    [Fact]
    public async Task It_lives_on_the_oldest_member_and_is_reached_from_everywhere()
    {
        var nodes = await Form("", "", "");
        var proxies = nodes.Select(Manage).ToList();

        foreach (var proxy in proxies) (await proxy.Ask<Address>("where", Patience)).ShouldBe(Self(nodes[0]));

        _lives.ShouldBe([("started", Self(nodes[0]))]);
    }

    [Fact]
    public async Task When_its_node_leaves_it_stops_there_before_it_starts_on_the_next()
    {
        var nodes = await Form("", "", "");
        var proxies = nodes.Select(Manage).ToList();
        (await proxies[2].Ask<Address>("where", Patience)).ShouldBe(Self(nodes[0]));

        await ClusterNode.Get(nodes[0]).LeaveAsync().WaitAsync(Patience);

        await Until(() => _lives.Count == 3, "moved");
        _lives.ShouldBe([("started", Self(nodes[0])), ("stopped", Self(nodes[0])), ("started", Self(nodes[1]))]);
        await IsFound(proxies[2], nodes[1]);
        await nodes[0].WhenTerminated.WaitAsync(Patience);

        await ClusterNode.Get(nodes[1]).LeaveAsync().WaitAsync(Patience);

        await Until(() => _lives.Count == 5, "moved again");
        await IsFound(proxies[2], nodes[2]);
        Living.ShouldBe(1);
    }

    [Fact]
    public async Task It_takes_the_time_it_needs_to_stop()
    {
        var nodes = await Form("", "");
        foreach (var node in nodes) Manage(node, stopsAfter: TimeSpan.FromSeconds(2));
        await Until(() => !_lives.IsEmpty, "started");

        await ClusterNode.Get(nodes[0]).LeaveAsync().WaitAsync(Patience);

        await Until(() => _lives.Count == 3, "moved");
        _lives.ShouldBe([("started", Self(nodes[0])), ("stopped", Self(nodes[0])), ("started", Self(nodes[1]))]);
    }

    [Fact]
    public async Task When_its_node_is_gone_without_a_word_it_starts_on_the_next_after_the_removal()
    {
        var nodes = await Form("", "", "");
        var proxies = nodes.Select(Manage).ToList();
        (await proxies[2].Ask<Address>("where", Patience)).ShouldBe(Self(nodes[0]));

        ((ExtendedActorSystem)nodes[0]).Abort();

        await Until(() => _lives.Contains(("started", Self(nodes[1]))), "started anew", TimeSpan.FromSeconds(45));
        Status(nodes[1], nodes[0]).ShouldBeNull();
        await IsFound(proxies[2], nodes[1]);
        Living.ShouldBe(1);
    }

    [Fact]
    public async Task It_does_not_live_on_in_the_smaller_side_of_a_split()
    {
        await using var network = new FaultyNetwork();
        var nodes = await Form(network.NextNode(), network.NextNode(), network.NextNode());
        foreach (var node in nodes) Manage(node);
        await Until(() => !_lives.IsEmpty, "started");

        network.Cut(0, 1);
        network.Cut(0, 2);

        await Until(() => _lives.Count == 3, "moved", TimeSpan.FromSeconds(45));
        _lives.ShouldBe([("started", Self(nodes[0])), ("stopped", Self(nodes[0])), ("started", Self(nodes[1]))]);
    }

    [Fact]
    public async Task The_last_node_that_leaves_stops_it()
    {
        var nodes = await Form("");
        Manage(nodes[0]);
        await Until(() => !_lives.IsEmpty, "started");

        await ClusterNode.Get(nodes[0]).LeaveAsync().WaitAsync(Patience);

        await nodes[0].WhenTerminated.WaitAsync(Patience);
        _lives.Select(life => life.What).ShouldBe(["started", "stopped"]);
    }

    /// <summary>A proxy learns of a move when the gossip reaches its node; until then it passes questions on to where nobody answers any
    /// more.</summary>
    private static async Task IsFound(IActorRef proxy, ActorSystem node)
    {
        var end = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                if (await proxy.Ask<Address>("where", TimeSpan.FromSeconds(2)) == Self(node)) return;
            }
            catch (AskTimeoutException) when (DateTime.UtcNow < end)
            {
                // Asked too early.
            }

            (DateTime.UtcNow < end).ShouldBeTrue($"not found at {Self(node)}");
        }
    }

    private IActorRef Manage(ActorSystem node) => Manage(node, null);

    private IActorRef Manage(ActorSystem node, string? role = null, TimeSpan stopsAfter = default)
    {
        var lives = _lives;
        var self = Self(node);
        node.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new OneOfAKind(lives, self, stopsAfter)), new GoAway(), ClusterSingletonManagerSettings.Create(node)
                    .WithRole(role!)),
            "manager");
        return node.ActorOf(ClusterSingletonProxy.Props("/user/manager", ClusterSingletonProxySettings.Create(node).WithRole(role!)),
            "proxy");
    }

    private sealed record GoAway : INoSerializationVerificationNeeded;

    /// <summary>Says where it is, and notes its beginning and its end.</summary>
    private sealed class OneOfAKind : ReceiveActor, IWithTimers
    {
        private readonly ConcurrentQueue<(string, Address)> _lives;
        private readonly Address _self;

        public OneOfAKind(ConcurrentQueue<(string, Address)> lives, Address self, TimeSpan stopsAfter)
        {
            _lives = lives;
            _self = self;
            Receive<string>(_ => Sender.Tell(self));
            Receive<GoAway>(_ =>
            {
                if (stopsAfter == TimeSpan.Zero) Context.Stop(Self);
                else Timers.StartSingleTimer("end", PoisonPill.Instance, stopsAfter);
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => _lives.Enqueue(("started", _self));

        protected override void PostStop() => _lives.Enqueue(("stopped", _self));
    }
}
