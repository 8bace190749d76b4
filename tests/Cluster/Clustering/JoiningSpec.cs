// How a cluster comes to be: by hand, by seed nodes in any order, with roles, with as many members as asked for; and what subscribers hear of it.

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

        await Until(() => Status(left, right) == MemberStatus.Up && Status(right, right) == MemberStatus.Up && Status(right, left) == MemberStatus.Up, "up", TimeSpan.FromSeconds(15));
        // Who leads is told beside who is up.
        await Until(() => ClusterNode.Get(right).State is var state && state.Leader == state.Members.First().Address, "led by the first");
        ClusterNode.Get(right).State.Unreachable.ShouldBeEmpty();
        await Until(() => ClusterNode.Get(left).State.SeenBy.Count == 2, "seen by both");
    }

    [Fact]
    public void A_node_is_no_member_before_it_joins()
    {
        var cluster = ClusterNode.Get(Start("akka.cluster.roles = [disk, net]"));

        cluster.State.Members.ShouldBeEmpty();
        cluster.SelfMember.Status.ShouldBe(MemberStatus.Removed);
        cluster.IsUp.ShouldBeFalse();
        cluster.SelfRoles.ShouldBe(["disk", "net"], ignoreOrder: true);
        cluster.SelfAddress.Protocol.ShouldBe("akka.tcp");
        cluster.SelfUniqueAddress.Address.ShouldBe(cluster.SelfAddress);
    }

    [Fact]
    public async Task JoinAsync_completes_when_the_node_is_up_and_fails_when_it_is_given_up()
    {
        var first = Start();
        await ClusterNode.Get(first).JoinAsync(Self(first)).WaitAsync(Patience);
        await Until(() => ClusterNode.Get(first).SelfMember.Status == MemberStatus.Up, "up");
        var alone = Start();
        using var cancelled = new CancellationTokenSource(300);

        await Should.ThrowAsync<ClusterJoinFailedException>(ClusterNode.Get(alone).JoinAsync(new Address("akka.tcp", "sys", "127.0.0.1", 1), cancelled.Token));

        await ClusterNode.Get(alone).JoinSeedNodesAsync([Self(first)]).WaitAsync(Patience);
        await Until(() => Status(first, alone) == MemberStatus.Up, "up");
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
    public async Task Configured_seed_nodes_are_joined_at_the_start()
    {
        await using var network = new FaultyNetwork();
        var first = Start(network.NextNode());
        var seeds = $"akka.cluster.seed-nodes = [\"{Self(first)}\"]\n";
        ClusterNode.Get(first).Join(Self(first));

        var second = Start(seeds + network.NextNode());

        await Until(() => Status(first, second) == MemberStatus.Up, "up");
    }

    [Fact]
    public async Task A_node_that_finds_no_seed_node_gives_up_when_asked_to()
    {
        var lonely = Start("akka.cluster { seed-nodes = [\"akka.tcp://sys@127.0.0.1:1\"], shutdown-after-unsuccessful-join-seed-nodes = 2s }");

        await lonely.WhenTerminated.WaitAsync(Patience);

        CoordinatedShutdown.Get(lonely).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterJoinUnsuccessfulReason>();
    }

    [Fact]
    public async Task Roles_are_known_to_all_and_each_has_its_leader()
    {
        var nodes = await Form("akka.cluster.roles = [left]", "akka.cluster.roles = [right, disk]", "akka.cluster.roles = [disk]");
        await Until(() => nodes.All(node => ClusterNode.Get(node).State.RoleLeader("left") is not null && ClusterNode.Get(node).State.RoleLeader("disk") is not null), "led");

        foreach (var node in nodes)
        {
            var state = ClusterNode.Get(node).State;
            state.AllRoles.ShouldBe(["left", "right", "disk"], ignoreOrder: true);
            state.RoleLeader("left").ShouldBe(Self(nodes[0]));
            state.RoleLeader("disk").ShouldBeOneOf(Self(nodes[1]), Self(nodes[2]));
            state.RoleLeader("nobody").ShouldBeNull();
            state.Members.Single(member => member.Address == Self(nodes[1])).HasRole("right").ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Nobody_comes_up_before_there_are_enough()
    {
        const string Config = "akka.cluster { min-nr-of-members = 2, role.disk.min-nr-of-members = 1 }";
        ActorSystem[] nodes = [Start(Config), Start(Config)];
        foreach (var node in nodes) ClusterNode.Get(node).Join(Self(nodes[0]));
        await Until(() => Status(nodes[1], nodes[0]) == MemberStatus.Joining && Status(nodes[0], nodes[1]) == MemberStatus.Joining, "joining");
        await Never(() => nodes.Any(node => ClusterNode.Get(node).IsUp), "up without a disk", TimeSpan.FromSeconds(1));

        var disk = Start("akka.cluster.roles = [disk]\n" + Config);
        ClusterNode.Get(disk).Join(Self(nodes[1]));

        await Until(() => nodes.Append(disk).All(node => ClusterNode.Get(node).SelfMember.Status == MemberStatus.Up), "up");
    }

    [Fact]
    public async Task A_callback_for_coming_up_is_called_once_then_or_at_once()
    {
        var node = Start();
        var calls = 0;
        ClusterNode.Get(node).RegisterOnMemberUp(() => Interlocked.Increment(ref calls));
        ClusterNode.Get(node).Join(Self(node));

        await Until(() => Volatile.Read(ref calls) == 1, "called");
        await Until(() => ClusterNode.Get(node).IsUp, "up");
        ClusterNode.Get(node).RegisterOnMemberUp(() => Interlocked.Increment(ref calls));
        calls.ShouldBe(2);
    }

    [Fact]
    public async Task A_system_of_another_name_is_not_taken_in()
    {
        var here = Start();
        ClusterNode.Get(here).Join(Self(here));
        var stranger = Start(name: "stranger");

        ClusterNode.Get(stranger).Join(Self(here));

        await Never(() => ClusterNode.Get(here).State.Members.Count > 1 || !ClusterNode.Get(stranger).State.Members.IsEmpty, "taken in", TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task Subscribers_hear_the_present_first_as_a_snapshot_or_as_events()
    {
        var nodes = await Form("", "");

        var snapshot = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));
        var events = ClusterListener.On(nodes[1], ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.LeaderChanged));

        await Until(() => !snapshot.IsEmpty && events.Count >= 3, "heard");
        snapshot.ShouldHaveSingleItem().ShouldBeOfType<ClusterEvent.CurrentClusterState>().Members.Select(member => member.Status).ShouldBe([MemberStatus.Up, MemberStatus.Up]);
        events.OfType<ClusterEvent.MemberUp>().Select(up => up.Member.Address).ShouldBe(nodes.Select(Self), ignoreOrder: true);
        events.OfType<ClusterEvent.LeaderChanged>().Single().Leader.ShouldBe(ClusterNode.Get(nodes[0]).State.Leader);
    }

    [Fact]
    public async Task Subscribers_hear_a_member_come_up_until_they_unsubscribe()
    {
        var first = (await Form(""))[0];
        var heard = new ConcurrentQueue<object>();
        var listener = first.ActorOf(ClusterListener.Props(heard));
        ClusterNode.Get(first).Subscribe(listener, typeof(ClusterEvent.MemberJoined), typeof(ClusterEvent.MemberUp));
        var second = Start();
        ClusterNode.Get(second).Join(Self(first));
        await Until(() => heard.OfType<ClusterEvent.MemberUp>().Any(), "heard");
        heard.Select(one => one.GetType()).ShouldBe([typeof(ClusterEvent.CurrentClusterState), typeof(ClusterEvent.MemberJoined), typeof(ClusterEvent.MemberUp)]);

        ClusterNode.Get(first).Unsubscribe(listener, typeof(ClusterEvent.MemberJoined));
        ClusterNode.Get(first).SendCurrentClusterState(listener);
        await Until(() => heard.Count == 4, "the state");
        ClusterNode.Get(first).Unsubscribe(listener);
        ClusterNode.Get(first).SendCurrentClusterState(listener);
        await Until(() => heard.Count == 5, "the state again");
        var third = Start();
        ClusterNode.Get(third).Join(Self(first));
        await Until(() => Status(first, third) == MemberStatus.Up, "up");

        heard.Count.ShouldBe(5);
        heard.Last().ShouldBeOfType<ClusterEvent.CurrentClusterState>().Members.Count.ShouldBe(2);
    }

    [Fact]
    public void Only_events_of_the_cluster_can_be_subscribed_to()
    {
        var cluster = ClusterNode.Get(Start());

        Should.Throw<ArgumentException>(() => cluster.Subscribe(ActorRefs.Nobody));
        Should.Throw<ArgumentException>(() => cluster.Subscribe(ActorRefs.Nobody, typeof(string)));
    }
}
