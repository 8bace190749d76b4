// A network that fails: cut for a moment and healed, cut for good, a node that comes back at its old address as another. That a Guest
// never runs twice rests on the split brain resolver's keep-majority (ClusterNode in src/Host): of two sides one goes on and the other
// ends itself, also when both are the same size.

using Akka.Actor;
using Akka.Cluster;
using Lguest.Support;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class SplitSpec : ClusterSpecBase
{
    private const string Patient = "akka.cluster.split-brain-resolver.stable-after = 30 s\n";

    private readonly FaultyNetwork _network = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _network.DisposeAsync();
    }

    [Fact]
    public async Task A_link_that_heals_in_time_leaves_everybody_in()
    {
        var nodes = await Form(Patient + _network.NextNode(), Patient + _network.NextNode(), Patient + _network.NextNode());
        var heard = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.IMemberEvent));

        _network.Cut(0, 2);
        _network.Cut(1, 2);
        await Until(() => Misses(nodes[0], nodes[2]) && Misses(nodes[1], nodes[2]) && Misses(nodes[2], nodes[0])
            && Misses(nodes[2], nodes[1]), "missed");
        _network.Heal(0, 2);
        _network.Heal(1, 2);

        await Until(() => nodes.All(node => ClusterNode.Get(node).State.Unreachable.IsEmpty), "found");
        nodes.ShouldAllBe(here => nodes.All(there => Status(here, there) == MemberStatus.Up));
        // When the sides talk again each hears whom the other missed; the first it missed itself.
        heard.OfType<ClusterEvent.UnreachableMember>().First().Member.Address.ShouldBe(Self(nodes[2]));
        await Until(() => heard.OfType<ClusterEvent.ReachableMember>().Any(), "heard");
        heard.OfType<ClusterEvent.IMemberEvent>().ShouldBeEmpty();
        nodes.ShouldAllBe(node => !node.WhenTerminated.IsCompleted);
        var fourth = Start(Patient + _network.NextNode());
        ClusterNode.Get(fourth).Join(Self(nodes[1]));
        await Until(() => nodes.All(node => Status(node, fourth) == MemberStatus.Up), "working again");
    }

    [Fact]
    public async Task The_smaller_side_of_a_split_ends_itself_and_the_larger_goes_on()
    {
        var nodes = await Form(_network.NextNode(), _network.NextNode(), _network.NextNode());
        var heard = ClusterListener.On(nodes[1], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.MemberRemoved));

        _network.Cut(0, 1);
        _network.Cut(0, 2);

        await nodes[0].WhenTerminated.WaitAsync(Patience);
        CoordinatedShutdown.Get(nodes[0]).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterDowningReason>();
        await Until(() => Status(nodes[1], nodes[0]) is null && Status(nodes[2], nodes[0]) is null, "removed");
        await Until(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "heard");
        heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus.ShouldBe(MemberStatus.Down);
        Status(nodes[1], nodes[2]).ShouldBe(MemberStatus.Up);
        await Until(() => ClusterNode.Get(nodes[1]).State.Leader == Self(nodes[1]), "led by the next");
    }

    [Fact]
    public async Task Of_two_nodes_that_lose_each_other_the_one_with_the_lower_address_goes_on()
    {
        var nodes = await Form(_network.NextNode(), _network.NextNode());

        _network.Cut(0, 1);

        await nodes[1].WhenTerminated.WaitAsync(Patience);
        await Until(() => ClusterNode.Get(nodes[0]).State.Members.Count == 1, "alone");
        nodes[0].WhenTerminated.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_that_restarts_at_its_address_takes_the_place_of_what_it_was()
    {
        string[] configs = [_network.NextNode(), _network.NextNode(), _network.NextNode()];
        var nodes = await Form(configs);
        var heard = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.MemberRemoved),
            typeof(ClusterEvent.MemberUp));
        var before = ClusterNode.Get(nodes[2]).SelfUniqueAddress;

        ((ExtendedActorSystem)nodes[2]).Abort();
        await nodes[2].WhenTerminated.WaitAsync(Patience);
        var again = Start(configs[2]);
        ClusterNode.Get(again).JoinSeedNodes([Self(nodes[0]), Self(nodes[1])]);

        await Until(() => Status(nodes[0], again) == MemberStatus.Up && Status(nodes[1], again) == MemberStatus.Up
            && Status(again, nodes[1]) == MemberStatus.Up, "up");
        ClusterNode.Get(again).SelfAddress.ShouldBe(before.Address);
        ClusterNode.Get(again).SelfUniqueAddress.ShouldNotBe(before);
        await Until(() => heard.OfType<ClusterEvent.MemberUp>().Any(), "heard");
        heard.OfType<ClusterEvent.MemberRemoved>().Single().Member.UniqueAddress.ShouldBe(before);
        heard.OfType<ClusterEvent.MemberUp>().Single().Member.UniqueAddress.ShouldBe(ClusterNode.Get(again).SelfUniqueAddress);
    }
}
