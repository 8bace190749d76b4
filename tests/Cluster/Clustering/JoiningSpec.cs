// How a cluster comes to be. NodeRunner (src/Topology/Actors) gives every node the same seeds, the file's first node in front, and relies
// on that one alone founding a cluster; the agents and the leader subscribe to members with their initial state; a topology of another
// name must not mix with ours.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Lguest.Support;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class JoiningSpec : ClusterSpecBase
{
    [Fact]
    public async Task Two_nodes_with_nothing_but_defaults_are_up_within_seconds()
    {
        var left = StartUnhurried();
        var right = StartUnhurried();

        ClusterNode.Get(left).Join(Self(left));
        ClusterNode.Get(right).Join(Self(left));

        await Until(() => Status(left, right) == MemberStatus.Up && Status(right, right) == MemberStatus.Up
            && Status(right, left) == MemberStatus.Up, "up", TimeSpan.FromSeconds(15));
        // Who leads is told beside who is up.
        await Until(() => ClusterNode.Get(right).State is var state && state.Leader == state.Members.First().Address, "led by the first");
        ClusterNode.Get(right).State.Unreachable.ShouldBeEmpty();
        await Until(() => ClusterNode.Get(left).State.SeenBy.Count == 2, "seen by both");
    }

    [Fact]
    public async Task Seed_nodes_that_start_together_found_one_cluster()
    {
        ActorSystem[] nodes = [Start(), Start(), Start()];
        Address[] seeds = [.. nodes.Select(Self)];

        foreach (var node in nodes.Reverse()) ClusterNode.Get(node).JoinSeedNodes(seeds);

        await Until(() => nodes.All(here => nodes.All(there => Status(here, there) == MemberStatus.Up)), "up");
    }

    [Fact]
    public async Task Only_the_first_seed_node_founds_a_cluster()
    {
        ActorSystem[] nodes = [Start(), Start()];
        Address[] seeds = [.. nodes.Select(Self)];
        ClusterNode.Get(nodes[1]).JoinSeedNodes(seeds);
        await Never(() => !ClusterNode.Get(nodes[1]).State.Members.IsEmpty, "founded by the second", TimeSpan.FromSeconds(2));

        ClusterNode.Get(nodes[0]).JoinSeedNodes(seeds);

        await Until(() => Status(nodes[0], nodes[1]) == MemberStatus.Up, "up");
    }

    [Fact]
    public async Task A_system_of_another_name_is_not_taken_in()
    {
        var here = Start();
        ClusterNode.Get(here).Join(Self(here));
        var stranger = Start(name: "stranger");

        ClusterNode.Get(stranger).Join(Self(here));

        await Never(() => ClusterNode.Get(here).State.Members.Count > 1 || !ClusterNode.Get(stranger).State.Members.IsEmpty, "taken in",
            TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task Subscribers_hear_the_present_first_as_a_snapshot_or_as_events()
    {
        var nodes = await Form("", "");

        var snapshot = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));
        var events = ClusterListener.On(nodes[1], ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.LeaderChanged));

        await Until(() => !snapshot.IsEmpty && events.Count >= 3, "heard");
        snapshot.ShouldHaveSingleItem().ShouldBeOfType<ClusterEvent.CurrentClusterState>().Members.Select(member => member.Status)
            .ShouldBe([MemberStatus.Up, MemberStatus.Up]);
        events.OfType<ClusterEvent.MemberUp>().Select(up => up.Member.Address).ShouldBe(nodes.Select(Self), ignoreOrder: true);
        events.OfType<ClusterEvent.LeaderChanged>().Single().Leader.ShouldBe(ClusterNode.Get(nodes[0]).State.Leader);
    }
}
