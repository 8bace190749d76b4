// How members go: in order, by themselves or asked by others; downed; and what the rest hears of it.

using Akka.Actor;
using Akka.Cluster;
using ClusterNode = Akka.Cluster.Cluster;

namespace Lguest.Cluster.Tests.Clustering;

public sealed class LeavingSpec : ClusterSpecBase
{
    [Fact]
    public async Task A_member_that_leaves_is_exiting_then_removed_and_its_system_ends()
    {
        var nodes = await Form("", "", "");
        var heard = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IClusterDomainEvent));

        await ClusterNode.Get(nodes[2]).LeaveAsync().WaitAsync(Patience);

        await nodes[2].WhenTerminated.WaitAsync(Patience);
        CoordinatedShutdown.Get(nodes[2]).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterLeavingReason>();
        ClusterNode.Get(nodes[2]).IsTerminated.ShouldBeTrue();
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
        await Until(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "heard");
        heard.OfType<ClusterEvent.IMemberEvent>().Where(change => change.Member.Address == Self(nodes[2])).Select(change => change.GetType())
            .ShouldBe([typeof(ClusterEvent.MemberLeft), typeof(ClusterEvent.MemberExited), typeof(ClusterEvent.MemberRemoved)]);
        heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus.ShouldBe(MemberStatus.Exiting);
        heard.OfType<ClusterEvent.UnreachableMember>().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_leader_can_leave_and_another_leads()
    {
        var nodes = await Form("", "");
        var leader = nodes.OrderBy(Self, Member.AddressOrdering).First();
        await Until(() => nodes.All(node => ClusterNode.Get(node).State.Leader == Self(leader)), "led");
        var other = nodes.Single(node => node != leader);

        await ClusterNode.Get(leader).LeaveAsync().WaitAsync(Patience);

        await Until(() => ClusterNode.Get(other).State.Members.Count == 1 && ClusterNode.Get(other).State.Leader == Self(other), "leader");
    }

    [Fact]
    public async Task Anybody_can_ask_a_member_to_leave()
    {
        var nodes = await Form("", "");

        ClusterNode.Get(nodes[0]).Leave(Self(nodes[1]));

        await nodes[1].WhenTerminated.WaitAsync(Patience);
        await Until(() => Status(nodes[0], nodes[1]) is null, "removed");
    }

    [Fact]
    public async Task The_last_one_can_leave_too()
    {
        var node = (await Form(""))[0];
        var removed = 0;
        ClusterNode.Get(node).RegisterOnMemberRemoved(() => Interlocked.Increment(ref removed));

        await ClusterNode.Get(node).LeaveAsync().WaitAsync(Patience);

        await node.WhenTerminated.WaitAsync(Patience);
        removed.ShouldBe(1);
    }

    [Fact]
    public async Task A_system_that_is_terminated_leaves_first()
    {
        var nodes = await Form("", "akka.coordinated-shutdown.run-by-actor-system-terminate = on");
        var heard = ClusterListener.On(nodes[0], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IClusterDomainEvent));

        await nodes[1].Terminate().WaitAsync(Patience);

        await Until(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "removed");
        heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus.ShouldBe(MemberStatus.Exiting);
    }

    [Fact]
    public async Task A_member_that_is_downed_is_removed_and_ends_itself()
    {
        var nodes = await Form("", "", "");
        var heard = ClusterListener.On(nodes[1], ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));

        ClusterNode.Get(nodes[0]).Down(Self(nodes[2]));

        await nodes[2].WhenTerminated.WaitAsync(Patience);
        CoordinatedShutdown.Get(nodes[2]).ShutdownReason.ShouldBeOfType<CoordinatedShutdown.ClusterDowningReason>();
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
        await Until(() => heard.OfType<ClusterEvent.MemberRemoved>().Any(), "heard");
        heard.OfType<ClusterEvent.MemberDowned>().Count().ShouldBe(1);
        heard.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus.ShouldBe(MemberStatus.Down);
        Status(nodes[0], nodes[1]).ShouldBe(MemberStatus.Up);
    }

    [Fact]
    public async Task A_member_can_down_itself()
    {
        var nodes = await Form("", "");

        ClusterNode.Get(nodes[1]).Down(Self(nodes[1]));

        await nodes[1].WhenTerminated.WaitAsync(Patience);
        await Until(() => Status(nodes[0], nodes[1]) is null, "removed");
    }

    [Fact]
    public async Task A_member_that_ended_without_a_word_is_missed_and_removed()
    {
        var nodes = await Form("", "", "");

        ((ExtendedActorSystem)nodes[2]).Abort();

        await Until(() => Misses(nodes[0], nodes[2]), "missed");
        await Until(() => Status(nodes[0], nodes[2]) is null && Status(nodes[1], nodes[2]) is null, "removed");
    }

    [Fact]
    public async Task Watchers_hear_of_the_end_of_a_member_s_actors_when_it_is_removed()
    {
        // Of two halves the one with the lower address stays: let that be the one that watches.
        var nodes = (await Form("", "")).OrderBy(node => Self(node), Member.AddressOrdering).ToArray();
        var watched = nodes[1].ActorOf(Props.Create(() => new Idle()), "watched");
        var here = await nodes[0].ActorSelection(new RootActorPath(Self(nodes[1])) / watched.Path.Elements).ResolveOne(Patience);
        var ended = new TaskCompletionSource<Terminated>(TaskCreationOptions.RunContinuationsAsynchronously);
        nodes[0].ActorOf(Props.Create(() => new Watcher(here, ended)));

        ((ExtendedActorSystem)nodes[1]).Abort();

        (await ended.Task.WaitAsync(Patience)).ActorRef.ShouldBe(here);
    }

    private sealed class Idle : ReceiveActor;

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef watched, TaskCompletionSource<Terminated> ended)
        {
            Context.Watch(watched);
            Receive<Terminated>(terminated => ended.TrySetResult(terminated));
        }
    }
}
